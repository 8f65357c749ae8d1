# Two ambulance stations in each of three areas; the replicate weights are the ones of its help page
source("../common.R")

data <- read_case()
des <- linear_design(data, weights = "pw", strata = "ESA", psu = "ambulance", fpc = "stations", nest = TRUE)
nofpc <- linear_design(data, weights = "pw", strata = "ESA", psu = "ambulance", nest = TRUE)
unit <- linear_design(data, weights = "weight", strata = "ESA", psu = "ambulance", nest = TRUE)
brr <- replicate_design(data, "weight", paste0("rep.", 1:4), "BRR", mse = FALSE)
brrmse <- replicate_design(data, "weight", paste0("rep.", 1:4), "BRR", mse = TRUE)

for (d in c("des", "nofpc", "unit", "brr", "brrmse")) {
  estimate(d, "mean", c("alive", "arrests"))
  estimate(d, "total", c("alive", "arrests"))
  estimate(d, "ratio", "alive", denominator = "arrests")
  estimate(d, "variance", "arrests")
  contrasts_of(d, "mean", c("alive", "arrests"), expression = "alive/arrests")
}
for (d in c("des", "nofpc", "unit")) estimate(d, "mean", c("alive", "arrests"), deff = "replace")
for (d in c("des", "nofpc")) estimate(d, "total", c("alive", "arrests"), deff = TRUE)
for (d in c("des", "nofpc")) estimate(d, "mean", "alive", by = "ESA")
log_odds <- "log(sum(.weights * alive) / sum(.weights * (arrests - alive)))"
for (d in c("brr", "brrmse")) with_replicates(d, "log_odds", log_odds)
quantiles("nofpc", "arrests", probs = .5)
covariance("nofpc", "alive", "arrests")
ttest("nofpc", "arrests", minus = "alive")

finish()
