# One-stage cluster sample, PSU = district, with and without the finite population correction
source("../common.R")
source("../schools.R")

data <- read_case()
des <- linear_design(data, weights = "pw", psu = "dnum", fpc = "fpc")
nofpc <- linear_design(data, weights = "pw", psu = "dnum")

school_records("des")
gof("des", "stype", c(.7, .15, .15))
gof("des", "awards", c(.4, .6))

estimate("nofpc", "mean", c("api00", "meals"))
estimate("nofpc", "total", "enroll")
estimate("nofpc", "proportion", "stype")
estimate("nofpc", "mean", "api00", by = "stype")
quantiles("nofpc", "api00", by = "stype")
chisq("nofpc", "sch.wide", "stype")
ciprop("nofpc", list(ell = 0))

finish()
