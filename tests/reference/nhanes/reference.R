# Strata with PSUs numbered anew in each (nest = TRUE); HI_CHOL has missing values
source("../common.R")

data <- read_case(categorical = c("race", "RIAGENDR"))
des <- linear_design(data, weights = "WTMEC2YR", strata = "SDMVSTRA", psu = "SDMVPSU", nest = TRUE)
valid <- list(HI_CHOL = 0:1)

estimate("des", "mean", "HI_CHOL")
estimate("des", "total", "HI_CHOL")
for (x in c("race", "agecat", "RIAGENDR")) {
  estimate("des", "proportion", x)
  estimate("des", "count", x)
}
for (by in list("race", "agecat", "RIAGENDR", c("race", "RIAGENDR"), c("agecat", "RIAGENDR"))) {
  estimate("des", "mean", "HI_CHOL", by = by)
  estimate("des", "total", "HI_CHOL", by = by)
}
estimate("des", "proportion", "agecat", by = "race")
estimate("des", "proportion", "race", by = c("agecat", "RIAGENDR"))
estimate("des", "count", "race", by = "agecat")
for (where in list(list(race = 3), list(race = c(1, 4), agecat = "(19,39]"), valid)) {
  estimate("des", "mean", "HI_CHOL", where = where)
  estimate("des", "proportion", "RIAGENDR", where = where)
  estimate("des", "mean", "HI_CHOL", by = "RIAGENDR", where = where)
}

high <- list(HI_CHOL = 1)
ciprop("des", high, where = valid)
ciprop("des", high, where = valid, level = .9)
ciprop("des", list(race = c(1, 3)))
ciprop("des", high, where = c(valid, list(race = 4)))
ciprop("des", high, where = c(valid, list(agecat = "(0,19]")))

chisq("des", "HI_CHOL", "race", where = valid)
chisq("des", "HI_CHOL", "agecat", where = valid)
chisq("des", "HI_CHOL", "race")
chisq("des", "race", "agecat")
chisq("des", "RIAGENDR", "race")
gof("des", "race", c(.2, .6, .12, .08))
gof("des", "agecat", c(.25, .25, .3, .2))

ttest("des", "HI_CHOL", group = "RIAGENDR")
ttest("des", "HI_CHOL", group = "RIAGENDR", where = list(race = 2))
ttest("des", "HI_CHOL", mu = .1, where = valid)
ranktest("des", "HI_CHOL", "RIAGENDR", where = valid)
ranktest("des", "HI_CHOL", "race", where = valid)

contrasts_of("des", "mean", "HI_CHOL", by = "RIAGENDR", weights = list(men_women = c(`1` = 1, `2` = -1)))
contrasts_of("des", "mean", "HI_CHOL", by = "RIAGENDR", expression = "`1`/`2`")
contrasts_of("des", "mean", "HI_CHOL", by = "race", expression = "(`1`+`4`)/(2*`2`)")

for (deff in list(TRUE, "replace")) {
  estimate("des", "mean", "HI_CHOL", where = valid, deff = deff)
  estimate("des", "total", "HI_CHOL", where = valid, deff = deff)
  estimate("des", "proportion", "race", deff = deff)
  estimate("des", "count", "agecat", deff = deff)
}
estimate("des", "mean", "HI_CHOL", by = "race", where = valid, deff = TRUE)
estimate("des", "variance", "HI_CHOL", where = valid)

finish()
