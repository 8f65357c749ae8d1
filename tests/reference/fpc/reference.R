# The finite population correction given as population size, as sampled fraction, and left out;
# PSUs numbered anew in each stratum (nest = TRUE) and numbered once
source("../common.R")

data <- read_case()
size <- linear_design(data, weights = "weight", strata = "stratid", psu = "psuid", fpc = "Nh", nest = TRUE)
fraction <- linear_design(data, weights = "weight", strata = "stratid", psu = "psuid", fpc = "fraction",
                          nest = TRUE)
distinct <- linear_design(data, weights = "weight", strata = "stratid", psu = "psu", fpc = "Nh")
nofpc <- linear_design(data, weights = "weight", strata = "stratid", psu = "psuid", nest = TRUE)

for (d in c("size", "fraction", "distinct", "nofpc")) {
  estimate(d, "mean", "x")
  estimate(d, "total", "x")
  estimate(d, "variance", "x")
  estimate(d, "mean", "x", by = "stratid")
  estimate(d, "mean", "x", where = list(stratid = 1))
  estimate(d, "mean", "x", level = .8)
  for (deff in list(TRUE, "replace")) estimate(d, "mean", "x", deff = deff)
  quantiles(d, "x", probs = c(.25, .5, .75))
  ttest(d, "x", mu = 4)
}

finish()
