# Domains that sit in few strata and PSUs, missing answers, and replicate weights: each has its own df
source("../common.R")

data <- read_case()
des <- linear_design(data, weights = "pw", strata = "stratum", psu = "psu", nest = TRUE)
flat <- linear_design(data, weights = "pw", strata = "stratum") # each school is its own PSU
jkn <- replicate_design(data, "pw", paste0("jkn_", 1:24), "JKn", mse = FALSE, scale = 1, rscales = rep(.5, 24))
brr <- replicate_design(data, "pw", paste0("brr_", 1:16), "BRR", mse = FALSE)
boot <- replicate_design(data, "pw", paste0("boot_", 1:30), "bootstrap", mse = FALSE, scale = 1 / 29,
                         rscales = rep(1, 30))

few <- list(group = "four districts")
wheres <- list(few, list(zone = "a"), list(zone = "b"), list(zone = c("a", "b"), stype = "E"))
for (d in c("des", "flat", "jkn", "brr", "boot")) {
  linear <- d %in% c("des", "flat")
  # of replicates R interpolates another likelihood, and it discards those without anybody in a domain
  methods <- if (linear) ciprop_methods else setdiff(ciprop_methods, "likelihood")
  for (x in c("api00", "score")) {
    estimate(d, "mean", x)
    for (where in wheres) estimate(d, "mean", x, where = where)
    estimate(d, "mean", x, by = "zone")
  }
  if (linear) estimate(d, "mean", "api00", by = "group")
  estimate(d, "total", "enroll", by = "group")
  estimate(d, "total", "enroll", where = few)
  if (linear) estimate(d, "mean", "api00", by = c("zone", "stype"))
  estimate(d, "ratio", "api.stu", denominator = "enroll", by = "zone")
  estimate(d, "variance", "api00", where = few)
  covariance(d, "api00", "meals", where = few)
  for (where in c(list(NULL), wheres[1:2])) {
    estimate(d, "proportion", "answer", where = where)
    estimate(d, "proportion", "awards", where = where)
    ciprop(d, list(answer = "yes"), where = where, methods = methods)
    ciprop(d, list(awards = "Yes"), where = where, methods = methods)
  }
  ciprop(d, list(awards = "Yes"), where = few, methods = methods, level = .9)
  if (linear) {
    quantiles(d, "api00", where = list(zone = "b"))
    quantiles(d, "api00", by = "zone", probs = .5)
  }
  for (where in list(few, list(zone = "b"))) {
    ttest(d, "api00", group = "awards", where = where)
    ttest(d, "api00", mu = 650, where = where)
    ttest(d, "api00", minus = "api99", where = where)
    ranktest(d, "api00", "awards", where = where, tests = c("wilcoxon", "KruskalWallis"))
  }
  ttest(d, "score", group = "sch.wide")
  ranktest(d, "score", "sch.wide", tests = "wilcoxon")
  chisq(d, "sch.wide", "awards", where = list(zone = "b"))
  chisq(d, "sch.wide", "awards", where = list(zone = c("a", "b")))
  contrasts_of(d, "mean", "api00", by = "zone",
               weights = list(a_b = c(a = 1, b = -1), a_rest = c(a = 1, b = -.5, c = -.5)))
  if (linear) contrasts_of(d, "mean", "api00", by = "group",
               weights = list(few = c(`four districts` = 1, `two strata` = -1)))
}

finish()
