# Latent classes of respondents with missing answers: EM on the answers that each one gave, the information and the
# scores by numerical derivatives, and svytotal of the influences. The answers of the case `scales` are cut into three
# (1-2, 3-4, 5-6). Missing is item j of row i (both from 1) where (5 i + 3 j) mod 11 < 2, and A1 where A5 is high
# and i mod 3 is 0. Run from this folder: Rscript reference.R. Writes output.json and versions.txt.
suppressPackageStartupMessages({
  library(survey)
  library(numDeriv)
  library(jsonlite)
})
items <- paste0("A", 1:5)
answers <- read.csv("../scales/answers.csv")
for (item in items) answers[[item]] <- (answers[[item]] + 1) %/% 2
Y <- as.matrix(answers[items])
Y[(5 * row(Y) + 3 * col(Y)) %% 11 < 2] <- NA
Y[which(Y[, 5] == 3 & seq_len(nrow(Y)) %% 3 == 0), 1] <- NA
key <- apply(Y, 1, paste, collapse = " ")
kinds <- Y[!duplicated(key), ]
pattern <- match(key, unique(key))

# parameters: log odds of class 2.. against class 1, then per class and item those of answers 2 and 3 against 1
unpack <- function(b, K) {
  e <- exp(c(0, b[seq_len(K - 1)]))
  rest <- array(b[-seq_len(K - 1)], c(2, length(items), K))
  shares <- array(0, c(3, length(items), K))
  for (k in 1:K) for (j in seq_along(items)) { x <- exp(c(0, rest[, j, k])); shares[, j, k] <- x / sum(x) }
  list(sizes = e / sum(e), shares = shares)
}
pack <- function(sizes, shares) {
  c(log(sizes[-1] / sizes[1]), as.vector(apply(shares, c(2, 3), function(x) log(x[-1] / x[1]))))
}
chance <- function(p, j, k) { own <- p$shares[kinds[, j], j, k]; ifelse(is.na(own), 1, own) }
joint <- function(p) sapply(seq_along(p$sizes), function(k) {
  p$sizes[k] * Reduce(`*`, lapply(seq_along(items), function(j) chance(p, j, k)))
})
em <- function(w, K, seed) {
  set.seed(seed)
  shares <- array(runif(3 * length(items) * K), c(3, length(items), K))
  shares <- sweep(shares, c(2, 3), apply(shares, c(2, 3), sum), "/")
  p <- list(sizes = rep(1 / K, K), shares = shares)
  for (step in 1:50000) {
    J <- joint(p)
    post <- J / rowSums(J) * w
    new <- list(sizes = colSums(post) / sum(w), shares = p$shares)
    for (k in 1:K) for (j in seq_along(items)) for (a in 1:3) {
      new$shares[a, j, k] <- sum(post[kinds[, j] %in% a, k]) / sum(post[!is.na(kinds[, j]), k])
    }
    change <- max(abs(new$sizes - p$sizes), abs(new$shares - p$shares))
    p <- new
    if (change < 1e-14) break
  }
  p$loglik <- sum(w * log(rowSums(joint(p))))
  p
}
fitted <- function(K, weights, design) {
  w <- as.vector(tapply(weights, factor(pattern, seq_len(nrow(kinds))), sum))
  tries <- lapply(1:8, function(seed) em(w, K, seed))
  best <- tries[[which.max(sapply(tries, function(p) p$loglik))]]
  order <- order(-best$sizes)
  b <- pack(best$sizes[order], best$shares[, , order])
  logs <- function(b) log(rowSums(joint(unpack(b, K))))
  H <- -hessian(function(b) sum(w * logs(b)), b)
  S <- jacobian(logs, b)
  out <- function(b) { p <- unpack(b, K); c(p$sizes, as.vector(p$shares)) }
  G <- jacobian(out, b)
  infl <- (S %*% solve(H) %*% t(G))[pattern, ]
  V <- vcov(svytotal(infl, design))
  list(classes = K, estimate = out(b), se = sqrt(diag(V)), loglik = sum(w * logs(b)), weights = sum(w),
       first_covariance = V[1, 2])
}
weighted <- svydesign(ids = ~1, data = answers, weights = ~w)
clustered <- svydesign(ids = ~psu, strata = ~gender, data = answers, weights = ~w, nest = TRUE)
results <- list(n = nrow(Y), complete = sum(complete.cases(Y)), respondents = unname(colSums(!is.na(Y))))
for (K in 2:3) {
  results[[paste0("weighted", K)]] <- fitted(K, answers$w, weighted)
  results[[paste0("clustered", K)]] <- fitted(K, answers$w, clustered)
}
write(toJSON(results, digits = NA, auto_unbox = TRUE, pretty = TRUE), "output.json")
writeLines(c(R.version.string, paste("survey", packageVersion("survey")), paste("numDeriv", packageVersion("numDeriv"))),
           "versions.txt")
