# The design-based test of equal means in groups: svyglm and regTermTest
source("../common.R")

clusters <- read_case("../apiclus1/data.csv")
clus <- linear_design(clusters, weights = "pw", psu = "dnum", fpc = "fpc")
strata <- read_case("../apistrat/data.csv")
strat <- linear_design(strata, weights = "pw", strata = "stype", fpc = "fpc")
people <- linear_design(read_case("../nhanes/data.csv"), weights = "WTMEC2YR", strata = "SDMVSTRA",
                        psu = "SDMVPSU", nest = TRUE)

for (des in c("clus", "strat")) {
  oneway(des, "api00", "stype")
  oneway(des, "meals", "awards")
  oneway(des, "ell", "stype", where = list(sch.wide = "Yes"))
  oneway(des, "enroll", "stype")
}
oneway("people", "HI_CHOL", "race")
oneway("people", "HI_CHOL", "agecat", where = list(race = c(1, 3)))
oneway("people", "HI_CHOL", "race", where = list(RIAGENDR = 2, agecat = "(39,59]"))

finish()
