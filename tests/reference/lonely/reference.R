# Strata with one PSU only, in the design and in domains, under each survey.lonely.psu
source("../common.R")

data <- read_case()
des <- linear_design(data, weights = "pw", strata = "region", psu = "dnum", fpc = "districts")
nofpc <- linear_design(data, weights = "pw", strata = "region", psu = "dnum")

high <- list(stype = "H")
for (lonely in c("fail", "remove", "certainty", "adjust", "average")) {
  options(survey.lonely.psu = lonely)
  for (adjusts_domain in c(FALSE, TRUE)) {
    options(survey.adjust.domain.lonely = adjusts_domain)
    parts <- c(lonely, if (adjusts_domain) "adjust_domain")
    for (d in c("des", "nofpc")) {
      if (!adjusts_domain) {
        estimate(d, "mean", c("api00", "meals"), parts = parts)
        estimate(d, "total", "api00", parts = parts)
        estimate(d, "proportion", "sch.wide", parts = parts)
        estimate(d, "ratio", "api00", denominator = "api99", parts = parts)
      }
      estimate(d, "mean", "api00", where = high, parts = parts)
      estimate(d, "total", "api00", where = high, parts = parts)
      estimate(d, "proportion", "awards", where = high, parts = parts)
      estimate(d, "ratio", "api00", denominator = "api99", where = high, parts = parts)
      estimate(d, "mean", "api00", by = "stype", parts = parts)
      estimate(d, "proportion", "sch.wide", by = "stype", parts = parts)
    }
  }
}

finish()
