# Shares of R2 by Lindeman, Merenda and Gold, and Johnson's relative weights: by hand, on the data of the case `apistrat`.
# Standard errors by survey's jackknife (JKn). Run from this folder: Rscript reference.R. Writes output.json and versions.txt.
suppressPackageStartupMessages({
  library(survey)
  library(jsonlite)
})
data <- read.csv("../apistrat/data.csv")
design <- svydesign(ids = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = data)
jackknife <- as.svrepdesign(design, type = "JKn", mse = TRUE)
outcome <- "api00"
predictors <- c("ell", "meals", "mobility", "avg.ed")
dummies <- function(data) cbind(as.matrix(data[c(outcome, predictors)]), M = data$stype == "M", H = data$stype == "H")
grouped <- list(2, 3, 4, 5, 6:7) # columns of the dummies: numbers one by one, the levels of stype together
moments <- function(Z, w) cov.wt(Z, w / sum(w), method = "ML")$cov
r2 <- function(S, columns) if (!length(columns)) 0 else
  as.numeric(S[1, columns] %*% solve(S[columns, columns], S[columns, 1]) / S[1, 1])
lmg <- function(S, groups) {
  p <- length(groups)
  sapply(seq_len(p), function(j) {
    others <- setdiff(seq_len(p), j)
    sets <- unlist(lapply(0:(p - 1), function(m) if (m == 0) list(integer()) else combn(seq_along(others), m, function(i) others[i], simplify = FALSE)), FALSE)
    sum(sapply(sets, function(s) factorial(length(s)) * factorial(p - length(s) - 1) / factorial(p) *
      (r2(S, unlist(groups[c(s, j)])) - r2(S, unlist(groups[s])))))
  })
}
johnson <- function(S) {
  R <- cov2cor(S)
  e <- eigen(R[-1, -1])
  L <- e$vectors %*% diag(sqrt(e$values)) %*% t(e$vectors)
  as.vector(L^2 %*% solve(L, R[-1, 1])^2)
}
standardized <- function(S) {
  R <- cov2cor(S)
  as.vector(solve(R[-1, -1], R[-1, 1]))
}
numeric_only <- function(data) as.matrix(data[c(outcome, predictors)])
functions <- list(lmg = function(S) lmg(S, list(2, 3, 4, 5)), johnson = johnson, standardized = standardized,
                  r2 = function(S) r2(S, 2:5))
found <- lapply(functions, function(f) {
  repeated <- withReplicates(jackknife, function(w, data) f(moments(numeric_only(data), w)))
  list(estimate = f(moments(numeric_only(data), data$pw)), se = as.vector(SE(repeated)))
})
repeated <- withReplicates(jackknife, function(w, data) lmg(moments(dummies(data), w), grouped))
found$lmg_grouped <- list(estimate = lmg(moments(dummies(data), data$pw), grouped), se = as.vector(SE(repeated)))
found$svyglm_r2 <- 1 - as.numeric(svyvar(~r, update(design, r = residuals(svyglm(api00 ~ ell + meals + mobility + avg.ed, design), "response")))) /
  as.numeric(svyvar(~api00, design))
write_json(found, "output.json", digits = NA, auto_unbox = TRUE, null = "null", pretty = TRUE)
version <- function(name) paste(name, packageDescription(name)$Version)
writeLines(c(paste("R", getRversion()), vapply(c("survey", "jsonlite"), version, "")), "versions.txt")
