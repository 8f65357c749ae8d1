# Simple random sample, with and without the finite population correction
source("../common.R")
source("../schools.R")

data <- read_case()
des <- linear_design(data, weights = "pw", fpc = "fpc")
nofpc <- linear_design(data, weights = "pw")

school_records("des")
gof("des", "stype", c(.7, .15, .15))
gof("des", "awards", c(.4, .6))

estimate("nofpc", "mean", c("api00", "meals"))
estimate("nofpc", "total", "enroll")
estimate("nofpc", "proportion", "stype")
estimate("nofpc", "mean", "api00", by = "stype")
quantiles("nofpc", "api00")
chisq("nofpc", "sch.wide", "stype")

finish()
