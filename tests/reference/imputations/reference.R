# Five completed data sets of the package mitools: each analysis, and the covariance within and between them
suppressPackageStartupMessages({
  library(survey)
  library(mitools)
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
output <- list(share = pooled(means, degf(designs[[1]])), logit = pooled(fits, degf(designs[[1]]) - 2))
writeLines(toJSON(output, digits = NA, auto_unbox = TRUE), "output.json")
version <- function(package) paste(package, packageDescription(package)$Version)
writeLines(c(paste("R", getRversion()), sapply(c("survey", "mitools", "jsonlite"), version)), "versions.txt")
