# Factors of several items: psych, factanal and lavaan on lavaan's HolzingerSwineford1939 and on the answers of the
# case `scales`; polychoric correlations by hand (pbivnorm), by polycor and by psych. Run from this folder:
# Rscript reference.R. Writes abilities.csv, output.json and versions.txt.
suppressPackageStartupMessages({
  library(survey)
  library(psych)
  library(lavaan)
  library(polycor)
  library(pbivnorm)
  library(jsonlite)
})
items <- paste0("x", 1:9)
abilities <- HolzingerSwineford1939[c("school", items)]
abilities$school <- as.character(abilities$school)
row <- seq_len(nrow(abilities))
abilities$w <- 1 + row %% 5 / 2
abilities$psu <- row %% 60
write.csv(abilities, "abilities.csv", row.names = FALSE, quote = FALSE)
abilities <- read.csv("abilities.csv")
R <- cor(abilities[items])
n <- nrow(abilities)

general <- suppressWarnings(psych::omega(R, nfactors = 3, fm = "ml", plot = FALSE, n.obs = n))
explored <- factanal(covmat = R, factors = 3, n.obs = n, rotation = "none", control = list(nstart = 5, opt = list(factr = 1)))
turned <- GPArotation::oblimin(unclass(explored$loadings), eps = 1e-7, maxit = 5000)
straight <- varimax(unclass(explored$loadings), eps = 1e-15)
sphericity <- cortest.bartlett(R, n = n)

model <- "visual =~ x1 + x2 + x3
          textual =~ x4 + x5 + x6
          speed =~ x7 + x8 + x9"
tight <- list()
fitted <- function(...) do.call("cfa", c(list(...), tight))
indices <- c("chisq", "df", "pvalue", "cfi", "tli", "rmsea", "srmr", "baseline.chisq", "baseline.df")
of <- function(fit) as.list(fitMeasures(fit, indices))
rows <- function(table, ...) subset(table, op %in% c("=~", "~~", "~1"))[, c("lhs", "op", "rhs", ...)]
marker <- fitted(model, data = abilities)
free <- fitted(model, data = abilities, std.lv = TRUE)
standard <- standardizedSolution(marker)
visual <- subset(standard, op == "=~" & lhs == "visual")$est.std
groups <- list(
  configural = fitted(model, data = abilities, group = "school"),
  metric = fitted(model, data = abilities, group = "school", group.equal = "loadings"),
  scalar = fitted(model, data = abilities, group = "school", group.equal = c("loadings", "intercepts")))
one <- fitted("f =~ x4 + x5 + x6", data = abilities, std.lv = TRUE)

# A weighted model: lavaan's sandwich divides by n, and its weights are summed to n
answers <- read.csv("../scales/answers.csv")
agree <- fitted("agree =~ A1 + A2 + A3 + A4 + A5", data = answers, std.lv = TRUE, estimator = "MLR", sampling.weights = "w")
weighted <- fitted(model, data = abilities, std.lv = TRUE, estimator = "MLM", meanstructure = FALSE)
clustered <- suppressWarnings(fitted("f =~ x4 + x5 + x6\n g =~ x7 + x8 + x9", data = abilities, std.lv = TRUE, estimator = "MLR",
                                     sampling.weights = "w", cluster = "psu"))

# Two-step polychoric correlations with weights
cell <- function(a, b, rho) {
  a[a == Inf] <- 40; a[a == -Inf] <- -40; b[b == Inf] <- 40; b[b == -Inf] <- -40
  pbivnorm(a, b, rho)
}
two_step <- function(x, y, w) {
  table <- tapply(w, list(factor(x), factor(y)), sum)
  table[is.na(table)] <- 0
  table <- table / sum(table)
  a <- c(-Inf, qnorm(cumsum(rowSums(table))[-nrow(table)]), Inf)
  b <- c(-Inf, qnorm(cumsum(colSums(table))[-ncol(table)]), Inf)
  minus <- function(rho) {
    F <- outer(a, b, function(s, t) cell(s, t, rho))
    P <- F[-1, -1] - F[-1, -ncol(F)] - F[-nrow(F), -1] + F[-nrow(F), -ncol(F)]
    -sum(table[table > 0] * log(P[table > 0]))
  }
  optimize(minus, c(-0.99, 0.99), tol = 1e-10)$minimum
}
five <- paste0("A", 1:5)
pairs <- combn(five, 2)
ordered <- list()
for (kind in c("plain", "weighted")) {
  w <- if (kind == "plain") rep(1, nrow(answers)) else answers$w
  ordered[[kind]] <- apply(pairs, 2, function(p) two_step(answers[[p[1]]], answers[[p[2]]], w))
}
table <- xtabs(w ~ A1 + A2, answers)
clusters <- svydesign(ids = ~psu, strata = ~gender, weights = ~w, data = answers, nest = TRUE)
jackknife <- as.svrepdesign(clusters, type = "JKn", mse = TRUE)
repeated <- withReplicates(jackknife, function(w, data)
  apply(pairs[, 1:3], 2, function(p) two_step(data[[p[1]]], data[[p[2]]], w)))
by_psych <- suppressMessages(psych::polychoric(answers[five], correct = 0, weight = answers$w))
plain_psych <- suppressMessages(psych::polychoric(answers[five], correct = 0))

output <- list(
  omega = list(omega_h = general$omega_h, total = general$omega.tot, alpha = general$alpha, lambda6 = general$G6),
  factanal = list(uniquenesses = as.vector(explored$uniquenesses), discrepancy = as.numeric(explored$criteria["objective"]),
                  statistic = as.numeric(explored$STATISTIC), df = explored$dof, p = as.numeric(explored$PVAL)),
  oblimin = list(loadings = unclass(turned$loadings), phi = turned$Phi),
  varimax = list(loadings = unclass(straight$loadings)[, ]),
  kmo = list(overall = KMO(R)$MSA, items = as.vector(KMO(R)$MSAi)),
  bartlett = list(statistic = sphericity$chisq, df = sphericity$df),
  eigenvalues = eigen(R)$values,
  cfa = list(marker = rows(parameterEstimates(marker), "est", "se"), standard = rows(standard, "est.std", "se"), fit = of(marker),
             free = rows(parameterEstimates(free), "est", "se"),
             composite_reliability = sum(visual)^2 / (sum(visual)^2 + sum(1 - visual^2)), average_variance_extracted = mean(visual^2)),
  saturated = list(standard = rows(standardizedSolution(one), "est.std")),
  invariance = lapply(groups, of),
  agree = rows(parameterEstimates(agree), "est", "se"),
  mlm = list(scaling = as.numeric(fitMeasures(weighted, "chisq.scaling.factor")), statistic = as.numeric(fitMeasures(weighted, "chisq.scaled")),
             adjusted = as.list(fitMeasures(fitted(model, data = abilities, estimator = "MLMVS"), c("chisq.scaled", "df.scaled")))),
  clustered = rows(parameterEstimates(clustered), "est", "se"),
  polychoric = list(pairs = apply(pairs, 2, as.list), plain = ordered$plain, weighted = ordered$weighted,
                    polycor = polychor(table), se_jackknife = as.vector(SE(repeated)),
                    psych_weight = by_psych$rho["A1", "A2"], psych_plain = plain_psych$rho["A1", "A2"]))
write_json(output, "output.json", digits = NA, auto_unbox = TRUE, null = "null", pretty = TRUE)
version <- function(name) paste(name, packageDescription(name)$Version)
packages <- c("survey", "psych", "lavaan", "polycor", "pbivnorm", "GPArotation", "jsonlite")
writeLines(c(paste("R", getRversion()), vapply(packages, version, "")), "versions.txt")
