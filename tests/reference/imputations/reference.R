# Five completed data sets of the package mitools: each analysis, and the covariance within and between them
suppressPackageStartupMessages({
  library(survey)
  library(mitools)
  library(mitml)
  library(jsonlite)
})
invisible(Sys.setlocale("LC_COLLATE", "C"))
data(smi)
sets <- smi$imputations
kept <- do.call(rbind, lapply(seq_along(sets), function(k) {
  cbind(set = k, sets[[k]][c("id", "wave", "sex", "drkfre", "drinkreg")])
}))
kept$drinkreg <- as.integer(kept$drinkreg)
write.csv(kept, "data.csv", row.names = FALSE, quote = FALSE)
frames <- split(read.csv("data.csv", stringsAsFactors = TRUE), kept$set)
designs <- lapply(frames, function(d) svydesign(ids = ~id, strata = ~sex, weights = ~1, nest = TRUE, data = d))

# Rubin's rules with the df of Barnard and Rubin (1999), from the analyses as R gives them
pooled <- function(analyses, nu) {
  m <- length(analyses)
  q <- sapply(analyses, coef)
  within <- Reduce(`+`, lapply(analyses, vcov)) / m
  between <- var(t(q))
  total <- within + (1 + 1 / m) * between
  lambda <- (1 + 1 / m) * diag(between) / diag(total)
  known <- (nu + 1) / (nu + 3) * nu * (1 - lambda)
  combined <- MIcombine(analyses)
  list(names = rownames(q), estimate = unname(rowMeans(q)), vcov = unname(total), lambda = unname(lambda),
       df = unname(1 / (lambda^2 / (m - 1) + 1 / known)), nu = nu,
       mitools_estimate = unname(coef(combined)), mitools_vcov = unname(vcov(combined)), mitools_df = unname(combined$df))
}
means <- lapply(designs, function(d) svymean(~drkfre, d))
fits <- lapply(designs, function(d) svyglm(drinkreg ~ wave + sex, d, family = quasibinomial,
                                           control = list(epsilon = 1e-15, maxit = 100)))
# D1 of several coefficients, with the df of Reiter (2007) from the design
several <- function(analyses, places, nu) {
  q <- sapply(analyses, function(fit) coef(fit)[places])
  names <- rownames(q)
  rownames(q) <- paste0("b", seq_along(places))
  u <- array(unlist(lapply(analyses, function(fit) vcov(fit)[places, places])), c(length(places), length(places), ncol(q)),
             list(rownames(q), rownames(q), NULL))
  test <- testConstraints(qhat = q, uhat = u, constraints = rownames(q), df.com = nu)$test
  list(names = names, F = unname(test[1, "F.value"]), df = unname(test[1, c("df1", "df2")]),
       p = unname(test[1, "P(>F)"]), riv = unname(test[1, "RIV"]), nu = nu)
}
waves <- lapply(designs, function(d) svyglm(wave ~ drkfre + sex, d, family = gaussian))
output <- list(d1 = list(wave_sex = several(fits, 2:3, degf(designs[[1]]) - 2),
                         drkfre = several(waves, 2:4, degf(designs[[1]]) - 4),
                         drkfre_sex = several(waves, 2:5, degf(designs[[1]]) - 4)), share = pooled(means, degf(designs[[1]])), logit = pooled(fits, degf(designs[[1]]) - 2))
writeLines(toJSON(output, digits = NA, auto_unbox = TRUE), "output.json")
version <- function(package) paste(package, packageDescription(package)$Version)
writeLines(c(paste("R", getRversion()), sapply(c("survey", "mitools", "mitml", "jsonlite"), version)), "versions.txt")
