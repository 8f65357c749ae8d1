# Net scores, shares with their covariance, and the critical values of simultaneous intervals.
# Data: ../apistrat/data.csv. Writes measures.json and versions.txt here.

suppressPackageStartupMessages({
  library(survey)
  library(mvtnorm)
  library(jsonlite)
})
schools <- read.csv("../apistrat/data.csv", na.strings = "", stringsAsFactors = TRUE)
schools$score <- (schools$api00 >= 750) - (schools$api00 < 600)
for (name in c("a", "b", "c", "d")) schools[[name]] <- NA
schools$a <- as.numeric(schools$api00 > 700)
schools$b <- as.numeric(schools$api99 > 700)
schools$c <- as.numeric(schools$ell < 20)
schools$d <- as.numeric(schools$meals < 40)
des <- svydesign(ids = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = schools)

net <- svymean(~score, des)
by <- svyby(~score, ~stype, des, svymean)
shares <- svymean(~a + b + c + d, des)
V <- vcov(shares)
df <- degf(des)
m <- length(coef(shares))
pairs <- combn(m, 2)
K <- t(apply(pairs, 2, function(p) { row <- numeric(m); row[p[1]] <- 1; row[p[2]] <- -1; row }))
D <- K %*% V %*% t(K)
t <- as.vector(K %*% coef(shares)) / sqrt(diag(D))
within <- function(x, C) {
  set.seed(1)
  pmvt(rep(-x, nrow(C)), rep(x, nrow(C)), df = df, corr = C, algorithm = GenzBretz(maxpts = 1e7, abseps = 1e-8))[1]
}
# qmvt stops its root at about 1e-4, so the root is found here
critical <- function(C) uniroot(function(x) within(x, C) - .95, c(1, 5), tol = 1e-9)$root
adjusted <- sapply(abs(t), function(x) {
  set.seed(1)
  1 - pmvt(rep(-x, length(t)), rep(x, length(t)), df = df, corr = cov2cor(D), algorithm = GenzBretz(maxpts = 1e6, abseps = 1e-8))[1]
})
write_json(list(
  net = list(estimate = unname(coef(net)), se = unname(SE(net)[1])),
  by = list(stype = as.character(by$stype), estimate = unname(by$score), se = unname(SE(by))),
  shares = list(estimate = unname(coef(shares)), vcov = unname(V), df = df),
  ranking = list(intervals = critical(cov2cor(V)), differences = critical(cov2cor(D)), first = pairs[1, ],
                 second = pairs[2, ], t = t, p_adjusted = adjusted)
), "measures.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
writeLines(c(paste("R", getRversion()), paste("survey", packageVersion("survey")),
             paste("mvtnorm", packageVersion("mvtnorm")), paste("jsonlite", packageVersion("jsonlite"))), "versions.txt")
