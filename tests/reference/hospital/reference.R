# Obstetric hospitals: strata = level of care, PSU = hospital
source("../common.R")

data <- read_case()
des <- linear_design(data, weights = "weighta", strata = "oblevel", psu = "hospno", fpc = "tothosp")
nofpc <- linear_design(data, weights = "weighta", strata = "oblevel", psu = "hospno")

for (d in c("des", "nofpc")) {
  estimate(d, "total", "births")
  estimate(d, "mean", "births")
  estimate(d, "variance", "births")
  estimate(d, "mean", "births", by = "oblevel")
  estimate(d, "total", "births", by = "oblevel")
  estimate(d, "total", "births", where = list(oblevel = 2:3))
  for (deff in list(TRUE, "replace")) {
    estimate(d, "mean", "births", deff = deff)
    estimate(d, "total", "births", deff = deff)
  }
  quantiles(d, "births", probs = c(.25, .5, .75))
  contrasts_of(d, "mean", "births", by = "oblevel", expression = "`3`/`2`")
  contrasts_of(d, "total", "births", by = "oblevel",
               weights = list(high_low = c(`1` = -1, `2` = -1, `3` = 1)))
  ttest(d, "births", mu = 1000)
}

finish()
