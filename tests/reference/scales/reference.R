# Reliability of scales: psych, survey::svycralpha, factanal and lavaan; standard errors by survey's linearisation.
# Run from this folder: Rscript reference.R. Writes answers.csv, output.json and versions.txt.
suppressPackageStartupMessages({
  library(survey)
  library(psych)
  library(lavaan)
  library(jsonlite)
})
data(bfi, package = "psychTools")
items <- paste0("A", 1:5)
answers <- bfi[complete.cases(bfi[items]), c(items, "gender")]
answers$A1 <- 7 - answers$A1
row <- seq_len(nrow(answers))
answers$w <- 1 + row %% 5 / 2
answers$psu <- row %% 40
write.csv(answers, "answers.csv", row.names = FALSE, quote = FALSE)

Z <- as.matrix(answers[items])
k <- length(items)
designs <- list(
  plain = svydesign(ids = ~1, weights = ~I(rep(1, nrow(answers))), data = answers),
  weighted = svydesign(ids = ~1, weights = ~w, data = answers),
  clustered = svydesign(ids = ~psu, strata = ~gender, weights = ~w, data = answers, nest = TRUE))
specs <- list(plain = list(weights = NULL, strata = NULL, psu = NULL),
              weighted = list(weights = "w", strata = NULL, psu = NULL),
              clustered = list(weights = "w", strata = "gender", psu = "psu"))

covariance <- function(w) {
  centred <- sweep(Z, 2, colSums(Z * w) / sum(w))
  crossprod(centred, centred * w) / sum(w)
}
score <- function(theta, S) { # of log det + trace by loadings and unique variances
  l <- theta[seq_len(k)]
  P <- solve(outer(l, l) + diag(theta[k + seq_len(k)]))
  A <- P - P %*% S %*% P
  c(2 * A %*% l, diag(A))
}
one_factor <- function(S) { # factanal, then Newton's steps with a numerical derivative
  sd <- sqrt(diag(S))
  fit <- factanal(covmat = S, factors = 1, control = list(lower = 1e-4))
  theta <- c(fit$loadings * sd, fit$uniquenesses * sd^2)
  for (step in 1:8) {
    J <- sapply(seq_along(theta), function(j) {
      h <- replace(numeric(2 * k), j, 1e-5)
      (score(theta + h, S) - score(theta - h, S)) / 2e-5
    })
    theta <- theta - solve(J, score(theta, S))
  }
  l <- theta[seq_len(k)] * sign(sum(theta[seq_len(k)]))
  list(loadings = l, unique = theta[k + seq_len(k)], factanal = fit)
}
share <- function(l, u) sum(l)^2 / (sum(l)^2 + sum(u))
standard <- function(fit) fit$loadings / sqrt(fit$loadings^2 + fit$unique)
alpha_of <- function(S) nrow(S) / (nrow(S) - 1) * (1 - sum(diag(S)) / sum(S))
functions <- list(
  alpha = alpha_of,
  standardized_alpha = function(S) alpha_of(cov2cor(S)),
  lambda6 = function(S) 1 - sum(1 / diag(solve(S))) / sum(S),
  omega = function(S) with(one_factor(S), share(loadings, unique)),
  composite_reliability = function(S) { l <- standard(one_factor(S)); share(l, 1 - l^2) },
  average_variance_extracted = function(S) mean(standard(one_factor(S))^2))
correlation <- function(S, i, with) sum(S[i, with]) / sqrt(S[i, i] * sum(S[with, with]))
of_item <- list(
  sd = function(S, i) sqrt(S[i, i]),
  item_total = function(S, i) correlation(S, i, seq_len(k)),
  item_rest = function(S, i) correlation(S, i, seq_len(k)[-i]),
  alpha_if_dropped = function(S, i) alpha_of(S[-i, -i]))

# standard error: the derivative by the covariance, numerically, then the influence of each row, then svytotal
se_of <- function(f, des) {
  w <- weights(des)
  S <- covariance(w)
  G <- matrix(0, k, k)
  for (i in seq_len(k)) for (j in seq_len(i)) {
    H <- matrix(0, k, k)
    H[i, j] <- H[j, i] <- 1e-4
    G[i, j] <- G[j, i] <- (f(S + H) - f(S - H)) / 2e-4 / if (i == j) 1 else 2
  }
  centred <- sweep(Z, 2, colSums(Z * w) / sum(w))
  u <- (rowSums((centred %*% G) * centred) - sum(G * S)) / sum(w)
  as.vector(SE(svytotal(~u, update(des, u = u))))
}
records <- list()
for (name in names(designs)) {
  des <- designs[[name]]
  S <- covariance(weights(des))
  jackknife <- if (name == "clustered") as.svrepdesign(des, type = "JKn", mse = TRUE)
  for (method in names(functions)) {
    f <- functions[[method]]
    records[[length(records) + 1]] <- list(
      design = specs[[name]], method = method, estimate = f(S), se = se_of(f, des),
      se_jackknife = if (!is.null(jackknife) && method %in% c("alpha", "omega"))
        as.vector(SE(withReplicates(jackknife, function(w, data) f(covariance(w))))))
  }
  for (statistic in names(of_item)) for (i in seq_len(k)) {
    f <- function(S) of_item[[statistic]](S, i)
    records[[length(records) + 1]] <- list(design = specs[[name]], item = items[i], method = statistic,
                                           estimate = f(S), se = se_of(f, des))
  }
}

# a domain (every third row), weights of 0 (every seventh row), and weights raked to the genders: alpha and R2 of A1
r2_of <- function(S) { R <- cov2cor(S); as.numeric(R[1, -1] %*% solve(R[-1, -1], R[-1, 1])) }
influence <- function(f, w) {
  S <- covariance(w)
  G <- matrix(0, k, k)
  for (i in seq_len(k)) for (j in seq_len(i)) {
    H <- matrix(0, k, k)
    H[i, j] <- H[j, i] <- 1e-4
    G[i, j] <- G[j, i] <- (f(S + H) - f(S - H)) / 2e-4 / if (i == j) 1 else 2
  }
  centred <- sweep(Z, 2, colSums(Z * w) / sum(w))
  (rowSums((centred %*% G) * centred) - sum(G * S)) / sum(w)
}
inside <- row %% 3 == 0
answers$w0 <- ifelse(row %% 7 == 0, 0, answers$w)
total <- sum(answers$w)
raked <- calibrate(svydesign(ids = ~psu, weights = ~w, data = answers), ~factor(gender),
                   population = c(`(Intercept)` = total, `factor(gender)2` = total / 2), calfun = "raking", epsilon = 1e-12)
special <- lapply(list(alpha = alpha_of, r2 = r2_of), function(f) {
  clustered <- designs$clustered
  u <- ifelse(inside, influence(f, weights(clustered) * inside), 0)
  zero <- svydesign(ids = ~psu, strata = ~gender, weights = ~w0, data = answers, nest = TRUE)
  v <- influence(f, answers$w0)
  r <- influence(f, weights(raked))
  of <- function(u, des) as.vector(SE(svytotal(~u, update(des, u = u))))
  list(domain = list(estimate = f(covariance(weights(clustered) * inside)), se = of(u, clustered),
                     df = degf(subset(clustered, inside))),
       zero_weights = list(estimate = f(covariance(answers$w0)), se = of(v, zero), df = degf(zero)),
       raked = list(estimate = f(covariance(weights(raked))), se = of(r, raked), df = degf(raked)))
})

own <- psych::alpha(answers[items], warnings = FALSE)
scaled <- psych::alpha(as.data.frame(scale(Z)), warnings = FALSE)
cralpha <- sapply(designs, function(des) as.vector(svycralpha(~A1 + A2 + A3 + A4 + A5, des)))
fit <- cfa("agree =~ A1 + A2 + A3 + A4 + A5", answers, std.lv = TRUE)
loadings <- subset(standardizedSolution(fit), op == "=~")$est.std
output <- list(
  records = records,
  special = special,
  svycralpha = as.list(cralpha),
  psych = list(raw_alpha = own$total$raw_alpha, std_alpha = own$total$std.alpha, ase = own$total$ase,
               g6_of_scaled = scaled$total[["G6(smc)"]], r_drop = own$item.stats$r.drop,
               raw_r = own$item.stats$raw.r, alpha_if_dropped = own$alpha.drop$raw_alpha),
  factanal = list(loadings = as.vector(one_factor(covariance(answers$w))$factanal$loadings)),
  lavaan = list(loadings = loadings, composite_reliability = share(loadings, 1 - loadings^2),
                average_variance_extracted = mean(loadings^2)))
write_json(output, "output.json", digits = NA, auto_unbox = TRUE, null = "null", pretty = TRUE)
version <- function(name) paste(name, packageDescription(name)$Version)
packages <- c("survey", "psych", "psychTools", "lavaan", "jsonlite")
writeLines(c(paste("R", getRversion()), vapply(packages, version, "")), "versions.txt")
