# Waves with respondents in common: changes, transitions, trends, attrition.
# Data: ../apistrat/data.csv and ../apiclus1/data.csv; a row's number is the person. Writes waves.json and versions.txt here.

suppressPackageStartupMessages({
  library(survey)
  library(jsonlite)
})
options(survey.lonely.psu = "fail")
schools <- read.csv("../apistrat/data.csv", na.strings = "", stringsAsFactors = TRUE)
schools$id <- seq_len(nrow(schools))
clusters <- read.csv("../apiclus1/data.csv", na.strings = "", stringsAsFactors = TRUE)
clusters$id <- seq_len(nrow(clusters))

# one row per person and wave: `rows` and the scores of each wave
stacked <- function(data, waves) {
  parts <- lapply(names(waves), function(wave) {
    own <- data[waves[[wave]]$rows, ]
    own$wave <- wave
    own$score <- waves[[wave]]$score[waves[[wave]]$rows]
    own
  })
  long <- do.call(rbind, parts)
  long$high <- as.numeric(long$score > 650)
  long
}
numbers <- function(x) list(estimate = unname(coef(x)), se = unname(as.vector(SE(x))), vcov = unname(as.matrix(vcov(x))))
changed <- function(long, des, variable = "score") {
  means <- svyby(reformulate(variable), ~wave, des, svymean, covmat = TRUE)
  weights <- list(c(-1, 1))
  difference <- svycontrast(means, setNames(weights, "change"))
  c(numbers(means), list(change = unname(coef(difference)), change_se = unname(as.vector(SE(difference))), df = degf(des)))
}

# ---- change -------------------------------------------------------------------------------------
two <- stacked(schools, list("1999" = list(rows = 1:150, score = schools$api99), "2000" = list(rows = 51:200, score = schools$api00)))
persons <- svydesign(ids = ~id, strata = ~stype, weights = ~pw, data = two)
apart <- svydesign(ids = ~1, strata = ~interaction(stype, wave), weights = ~pw, data = two)
independent <- svyby(~score, ~wave, apart, svymean)
by_award <- lapply(c("No", "Yes"), function(level) changed(two, subset(persons, awards == level)))
jackknife <- as.svrepdesign(persons, type = "JKn")
blocks <- stacked(clusters, list("1999" = list(rows = 1:130, score = clusters$api99), "2000" = list(rows = 60:183, score = clusters$api00)))
districts <- svydesign(ids = ~dnum, weights = ~pw, data = blocks)

# ---- transitions --------------------------------------------------------------------------------
cuts <- c(-Inf, 600, 700, Inf)
names_of <- c("low", "middle", "high")
schools$first <- cut(schools$api99, cuts, names_of)
schools$second <- cut(schools$api00, cuts, names_of)
moves <- function(des) {
  cells <- svymean(~interaction(first, second), des) # first varies fastest
  P <- matrix(coef(cells), 3)
  V <- vcov(cells)
  A <- sapply(1:2, function(k) { M <- matrix(0, 3, 3); M[, k] <- M[, k] + 1; M[k, ] <- M[k, ] - 1; as.vector(M) })
  net <- as.vector(t(A) %*% coef(cells))
  wald <- as.numeric(t(net) %*% solve(t(A) %*% V %*% A) %*% net)
  same <- as.vector(diag(3))
  rows <- lapply(names_of, function(level) {
    x <- svymean(~second, subset(des, first == level))
    list(estimate = unname(coef(x)), se = unname(SE(x)))
  })
  list(cells = P, se = matrix(SE(cells), 3), rows = rows, wald = wald, df = degf(des),
       same = sum(same * coef(cells)), same_se = as.numeric(sqrt(t(same) %*% V %*% same)),
       net = net, net_se = unname(sqrt(diag(t(A) %*% V %*% A))))
}
plain <- svydesign(ids = ~1, strata = ~stype, weights = ~pw, data = schools)
in_both <- moves(subset(plain, id > 50 & id <= 150))

# ---- trend --------------------------------------------------------------------------------------
three <- stacked(schools, list("1998" = list(rows = 1:120, score = schools$api99),
                               "2000" = list(rows = 41:160, score = (schools$api99 + schools$api00) / 2),
                               "2003" = list(rows = 81:200, score = schools$api00)))
panel <- svydesign(ids = ~id, strata = ~stype, weights = ~pw, data = three)
waves <- svyby(~score, ~wave, panel, svymean, covmat = TRUE)
time <- c(1998, 2000, 2003) - mean(c(1998, 2000, 2003))
slope <- svycontrast(waves, setNames(list(time / sum(time^2)), "slope"))
C <- rbind(c(-1, 1, 0), c(-1, 0, 1))
d <- C %*% coef(waves)
any_change <- as.numeric(t(d) %*% solve(C %*% vcov(waves) %*% t(C)) %*% d)
K <- t(qr.Q(qr(cbind(1, time)), complete = TRUE)[, 3, drop = FALSE]) # what a line leaves over
k <- K %*% coef(waves)
curve <- as.numeric(t(k) %*% solve(K %*% vcov(waves) %*% t(K)) %*% k)

# ---- attrition ----------------------------------------------------------------------------------
schools$stayed <- as.numeric(!(schools$id %% 4 == 0 & schools$api99 < 650) & schools$id %% 7 != 0)
schools$lost <- 1 - schools$stayed
first <- svydesign(ids = ~1, strata = ~stype, weights = ~pw, data = schools)
lost <- svyby(~lost, ~awards, first, svymean, covmat = TRUE)
means <- svyby(~api99, ~stayed, first, svymean, covmat = TRUE)
gap <- svycontrast(means, setNames(list(c(-1, 1)), "gap"))
fit <- svyglm(stayed ~ meals + awards, first, family = quasibinomial, control = list(epsilon = 1e-15, maxit = 100))
X <- model.matrix(fit)
p <- fitted(fit)
d <- schools$pw
w <- ifelse(schools$stayed == 1, d / p, 0)
H <- crossprod(X, X * d * p * (1 - p))
# what a person adds to a total of w u, with the factor that was estimated
with_model <- function(u) {
  B <- solve(H, colSums(w * (1 - p) * X * u))
  w * u - d * (schools$stayed - p) * as.vector(X %*% B)
}
later <- sum(w * schools$api00) / sum(w)
earlier <- sum(d * schools$api99) / sum(d)
u <- (schools$api00 - later) / sum(w)
v <- d * (schools$api99 - earlier) / sum(d)
unit <- svydesign(ids = ~1, strata = ~stype, weights = ~rep(1, nrow(schools)), data = schools)
se_of <- function(x) as.vector(SE(svytotal(x, unit)))
refit <- function(weights, data) {
  weights <- weights / mean(weights)
  own <- suppressWarnings(glm(stayed ~ meals + awards, data = data, family = binomial, weights = weights,
                              control = list(epsilon = 1e-14, maxit = 100), subset = weights > 0))
  q <- predict(own, data, type = "response")
  f <- ifelse(data$stayed == 1, weights / q, 0)
  c(sum(f * data$api00) / sum(f), sum(f * data$api00) / sum(f) - sum(weights * data$api99) / sum(weights))
}
repeated <- withReplicates(as.svrepdesign(first, type = "JKn"), refit)

write_json(list(
  change = list(stratified = changed(two, persons), share = changed(two, persons, "high"),
                by = by_award, districts = changed(blocks, districts), jackknife = changed(two, jackknife),
                independent_se = as.numeric(sqrt(sum(SE(independent)^2)))),
  transitions = list(all = moves(plain), in_both = in_both),
  trend = list(means = numbers(waves), slope = unname(coef(slope)), slope_se = unname(as.vector(SE(slope))), any = any_change,
               curve = curve, df = degf(panel)),
  attrition = list(lost = numbers(lost), gap = unname(coef(gap)), gap_se = unname(as.vector(SE(gap))), coefficients = unname(coef(fit)),
                   weights = unname(w), later = later, later_se = se_of(with_model(u)), later_se_as_given = se_of(w * u),
                   change = later - earlier, change_se = se_of(with_model(u) - v), replicated = unname(coef(repeated)),
                   replicated_se = unname(as.vector(SE(repeated))))
), "waves.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
writeLines(c(paste("R", getRversion()), paste("survey", packageVersion("survey")),
             paste("jsonlite", packageVersion("jsonlite"))), "versions.txt")
