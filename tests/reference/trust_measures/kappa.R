# Cohen's kappa of two groupings of schools, by svykappa. Data: ../apistrat/data.csv. Writes kappa.json here.

suppressPackageStartupMessages({
  library(survey)
  library(jsonlite)
})
schools <- read.csv("../apistrat/data.csv", na.strings = "", stringsAsFactors = TRUE)
band <- function(x) cut(x, c(-Inf, 600, 700, Inf), c("low", "middle", "high"))
schools$now <- band(schools$api00)
schools$before <- band(schools$api99)
des <- svydesign(ids = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = schools)
kappa <- function(d) {
  found <- svykappa(~now + before, d)
  list(estimate = unname(coef(found)[1]), se = unname(SE(found)[1]))
}
high <- subset(des, stype == "H")
write_json(list(all = kappa(des), high = kappa(high)), "kappa.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
