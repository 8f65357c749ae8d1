# Tests and fit indices as R reports them, for trustkit's checks of reported statistics. Data: R's own, and lavaan's
# HolzingerSwineford1939. Writes reported.json and versions.txt here.

suppressPackageStartupMessages({
  library(lavaan)
  library(jsonlite)
})

test <- function(name, made, df = unname(made$parameter)) {
  list(test = name, statistic = unname(made$statistic), df = I(as.numeric(df)), p = made$p.value)
}
correlation <- function(made) {
  list(test = "r", statistic = unname(made$estimate), df = I(unname(made$parameter)), p = made$p.value)
}
variance <- function(model) {
  found <- summary(model)[[1]]
  list(test = "F", statistic = found[1, "F value"], df = I(found[, "Df"]), p = found[1, "Pr(>F)"])
}
fit <- function(model, groups) {
  found <- fitMeasures(model, c("rmsea", "chisq", "df"))
  list(rmsea = found[["rmsea"]], chi2 = found[["chisq"]], df = found[["df"]], n = lavInspect(model, "ntotal"),
       groups = groups)
}
factors <- "visual =~ x1 + x2 + x3
            textual =~ x4 + x5 + x6
            speed =~ x7 + x8 + x9"

tests <- list(
  test("t", t.test(extra ~ group, data = sleep, var.equal = TRUE)),
  test("t", t.test(extra ~ group, data = sleep)),
  test("t", t.test(len ~ supp, data = ToothGrowth, var.equal = TRUE)),
  test("chi2", chisq.test(table(mtcars$cyl, mtcars$am), correct = FALSE) |> suppressWarnings()),
  test("chi2", chisq.test(HairEyeColor[, , "Female"]) |> suppressWarnings()),
  correlation(cor.test(mtcars$mpg, mtcars$qsec)),
  correlation(cor.test(swiss$Fertility, swiss$Catholic)),
  correlation(cor.test(airquality$Wind, airquality$Temp)),
  variance(aov(weight ~ group, data = PlantGrowth)),
  variance(aov(breaks ~ tension, data = warpbreaks)),
  variance(aov(count ~ spray, data = InsectSprays))
)
fits <- list(
  fit(cfa(factors, HolzingerSwineford1939), 1),
  fit(cfa(factors, HolzingerSwineford1939, group = "school"), 2),
  fit(cfa(factors, HolzingerSwineford1939, group = "school", group.equal = "loadings"), 2),
  fit(cfa("trait =~ x1 + x2 + x3 + x4 + x5 + x6", HolzingerSwineford1939), 1)
)
write_json(list(tests = tests, fits = fits), "reported.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
writeLines(c(paste("R", getRversion()), paste("lavaan", packageVersion("lavaan")),
             paste("jsonlite", packageVersion("jsonlite"))), "versions.txt")
