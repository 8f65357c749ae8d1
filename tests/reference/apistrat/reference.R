# Stratified sample of schools, strata = stype, with and without the finite population correction
source("../common.R")
source("../schools.R")

data <- read_case()
des <- linear_design(data, weights = "pw", strata = "stype", fpc = "fpc")
nofpc <- linear_design(data, weights = "pw", strata = "stype")

school_records("des")
gof("des", "comp.imp", c(.3, .7))
gof("des", "awards", c(.4, .6))

estimate("nofpc", "mean", c("api00", "meals"))
estimate("nofpc", "total", "enroll")
estimate("nofpc", "proportion", "awards")
estimate("nofpc", "mean", "api00", by = "awards")
ciprop("nofpc", list(awards = "Yes"))

cells <- linear_design(data, weights = "pw", strata = c("stype", "awards"))
blocks <- linear_design(data, weights = "pw", strata = "stype", psu = c("sch.wide", "comp.imp"), nest = TRUE)
for (des_name in c("cells", "blocks")) {
  estimate(des_name, "mean", c("api00", "meals"))
  estimate(des_name, "total", "enroll")
  estimate(des_name, "proportion", "awards")
  estimate(des_name, "mean", "api00", by = "awards")
}

finish()
