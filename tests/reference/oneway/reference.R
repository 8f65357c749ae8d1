# The design-based test of equal means in groups: svyglm and regTermTest
source("../common.R")

oneway <- function(des, variable, by, where = NULL) {
  sub <- domain(des, where, c(variable, by))
  call <- bquote(regTermTest(svyglm(.(as.formula(paste(variable, "~ factor(", by, ")"))), .(sub)),
                             .(as.formula(paste("~ factor(", by, ")")))))
  ran <- run(call)
  test <- ran$value
  keep(des, "oneway", call, args = list(variable = I(variable), group = by, where = dict_of(where)),
       parts = list(variable, by, where_id(where)), ran = ran, keys = I(list()),
       value = as.vector(test$Ftest), df_test = array_of(c(test$df, test$ddf)), p_value = as.vector(test$p))
}

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
