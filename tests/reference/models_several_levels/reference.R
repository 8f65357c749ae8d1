# Ordinal and multinomial regression: exact scores of clm and of a Newton fit, and their covariance by svytotal
suppressPackageStartupMessages({
  library(survey)
  library(ordinal)
  library(jsonlite)
})
invisible(Sys.setlocale("LC_COLLATE", "C"))

read_case <- function(file) {
  data <- read.csv(file, na.strings = "", check.names = FALSE, stringsAsFactors = TRUE)
  data$mc <- cut(data$meals, c(-1, 33, 66, 101), labels = c("low", "mid", "high"))
  data
}
clus1 <- svydesign(ids = ~dnum, weights = ~pw, fpc = ~fpc, data = read_case("../apiclus1/data.csv"))
designs <- list(
  clus1 = clus1,
  strat = svydesign(ids = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = read_case("../apistrat/data.csv")),
  poststratified = postStratify(clus1, ~stype, data.frame(stype = c("E", "H", "M"), Freq = c(4421, 755, 1018)))
)

links <- list(
  logit = list(F = plogis, f = dlogis),
  probit = list(F = pnorm, f = dnorm),
  cloglog = list(F = function(x) 1 - exp(-exp(x)), f = function(x) ifelse(is.finite(x), exp(x - exp(x)), 0))
)

ordinal_fit <- function(design, formula, link = "logit") {
  des <- designs[[design]]
  d <- model.frame(des)
  d$.w <- weights(des) / mean(weights(des))
  f <- as.formula(formula)
  environment(f) <- environment()
  m <- clm(f, data = d, weights = .w, link = link, control = clm.control(gradTol = 1e-12, maxIter = 200))
  X <- model.matrix(f, d)[, -1, drop = FALSE]
  y <- as.integer(model.response(model.frame(f, d)))
  th <- c(-Inf, m$alpha, Inf)
  eta <- as.vector(X %*% m$beta)
  up <- th[y + 1] - eta
  low <- th[y] - eta
  F <- links[[link]]$F
  dens <- links[[link]]$f
  pr <- F(up) - F(low)
  K <- length(th) - 1
  thresholds <- sapply(1:(K - 1), function(k) ((y == k) * dens(th[k + 1] - eta) - (y == k + 1) * dens(th[k + 1] - eta)) / pr)
  scores <- cbind(thresholds, -X * (dens(up) - dens(low)) / pr)
  infl <- scores %*% m$vcov / mean(weights(des))
  list(design = design, formula = formula, link = link, names = c(names(m$alpha), colnames(X)),
       estimate = unname(c(m$alpha, m$beta)), vcov = unname(vcov(svytotal(infl, des))), df = degf(des) - ncol(X))
}

multinomial_fit <- function(design, formula) {
  des <- designs[[design]]
  d <- model.frame(des)
  w <- weights(des) / mean(weights(des))
  d$.w <- w
  f <- as.formula(formula)
  environment(f) <- environment()
  m <- nnet::multinom(f, data = d, weights = .w, trace = FALSE, maxit = 2000, reltol = 1e-15, abstol = 1e-15)
  X <- model.matrix(f, d)
  y <- model.response(model.frame(f, d))
  K <- nlevels(y)
  p <- ncol(X)
  b <- as.vector(t(coef(m)))
  Y <- outer(as.integer(y), 2:K, "==") * 1
  for (it in 1:8) {
    B <- matrix(b, nrow = K - 1, byrow = TRUE)
    eta <- X %*% t(B)
    P <- exp(eta) / (1 + rowSums(exp(eta)))
    S <- do.call(cbind, lapply(1:(K - 1), function(k) X * (Y[, k] - P[, k])))
    H <- matrix(0, p * (K - 1), p * (K - 1))
    for (j in 1:(K - 1)) for (k in 1:(K - 1)) {
      wt <- w * P[, j] * ((j == k) - P[, k])
      H[((j - 1) * p + 1):(j * p), ((k - 1) * p + 1):(k * p)] <- crossprod(X, X * wt)
    }
    b <- b + solve(H, colSums(S * w))
  }
  infl <- S %*% solve(H) / mean(weights(des))
  names <- as.vector(t(outer(levels(y)[-1], colnames(X), paste, sep = ": ")))
  list(design = design, formula = formula, names = names, estimate = b,
       vcov = unname(vcov(svytotal(infl, des))), df = degf(des) + 1 - p)
}

wald <- function(design) {
  des <<- designs[[design]] # the test looks it up by its name
  m <- svyolr(mc ~ mobility + stype, des)
  test <- regTermTest(m, ~stype)
  list(design = design, F = as.vector(test$Ftest), df = c(test$df, test$ddf))
}

output <- list(
  ordinal = list(
    ordinal_fit("strat", "mc ~ mobility + stype"),
    ordinal_fit("strat", "mc ~ mobility + stype", "probit"),
    ordinal_fit("strat", "mc ~ mobility + stype", "cloglog"),
    ordinal_fit("strat", "mc ~ stype * awards"),
    ordinal_fit("clus1", "mc ~ mobility + ell"),
    ordinal_fit("clus1", "mc ~ stype"),
    ordinal_fit("clus1", "mc ~ stype + awards", "probit"),
    ordinal_fit("poststratified", "mc ~ mobility + awards"),
    ordinal_fit("poststratified", "mc ~ awards")
  ),
  multinomial = list(
    multinomial_fit("strat", "mc ~ stype + mobility"),
    multinomial_fit("strat", "mc ~ awards"),
    multinomial_fit("clus1", "mc ~ ell + mobility"),
    multinomial_fit("clus1", "mc ~ awards + mobility"),
    multinomial_fit("poststratified", "mc ~ mobility"),
    multinomial_fit("poststratified", "mc ~ awards")
  ),
  # svyolr stops early: these are good to about 1e-4
  wald = wald("strat")
)
writeLines(toJSON(output, digits = NA, auto_unbox = TRUE, null = "null", na = "null"), "output.json")
version <- function(package) paste(package, packageDescription(package)$Version)
writeLines(c(paste("R", getRversion()), sapply(c("survey", "ordinal", "nnet", "jsonlite"), version)), "versions.txt")
