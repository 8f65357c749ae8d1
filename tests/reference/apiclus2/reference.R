# The two-stage sample treated as one-stage: PSU = district, first-stage population size only
source("../common.R")
source("../schools.R")

data <- read_case()
des <- linear_design(data, weights = "pw", psu = "dnum", fpc = "fpc1")
nofpc <- linear_design(data, weights = "pw", psu = "dnum")

school_records("des")
gof("des", "stype", c(.7, .15, .15))
gof("des", "awards", c(.4, .6))

estimate("nofpc", "mean", c("api00", "meals"))
estimate("nofpc", "total", "enroll")
estimate("nofpc", "proportion", "stype")
estimate("nofpc", "mean", "api00", by = "stype")

finish()
