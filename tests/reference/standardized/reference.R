# Direct standardisation: the example of svystandardize (nhanes), two standardising variables, no groups, clusters
source("../common.R")

# the data of other cases
nhanes <- read_case("../nhanes/data.csv", categorical = c("race", "RIAGENDR"))
api <- read_case("../apiclus1/data.csv")
people <- linear_design(nhanes, weights = "WTMEC2YR", strata = "SDMVSTRA", psu = "SDMVPSU", nest = TRUE)
schools <- linear_design(api, weights = "pw", psu = "dnum", fpc = "fpc")
jackknife <- as.svrepdesign(schools, type = "JK1")
jackknife$file <- schools$file
jackknife$spec <- schools$spec

# estimates: list of list(variable, by, where); population in the order of the combinations of `standard`
standardized <- function(des, standard, population, over = NULL, answered = NULL, estimates) {
  arguments <- list(quote(svystandardize), as.name(des), by = reformulate(standard),
                    over = if (is.null(over)) ~1 else reformulate(over), population = population)
  if (!is.null(answered)) arguments$excluding.missing <- reformulate(answered)
  call <- as.call(arguments)
  after <<- eval(call, globalenv())
  after$file <<- get(des)$file
  after$spec <<- get(des)$spec
  levels <- expand.grid(lapply(get(des)$variables[standard], function(x) levels(factor(x))))
  for (one in estimates) {
    sub <- domain("after", one$where)
    mean <- eval(if (is.null(one$by)) bquote(svymean(.(reformulate(one$variable)), .(sub), na.rm = TRUE))
                 else bquote(svyby(.(reformulate(one$variable)), .(reformulate(one$by)), .(sub), svymean)),
                 globalenv())
    groups <- if (is.null(one$by)) list(NULL) else
      lapply(seq_len(nrow(mean)), function(i) lapply(as.data.frame(mean)[i, one$by, drop = FALSE], value_of))
    df <- vapply(groups, function(g) as.numeric(df_of("after", c(one$where, g), answered)), 0)
    keep("after", "standardized", call,
         args = list(from = des, standard = I(standard), over = array_of(over), answered = array_of(answered),
                     levels = lapply(levels, function(x) I(as.character(x))), population = I(population),
                     variable = I(one$variable), by = array_of(one$by), where = dict_of(one$where)),
         parts = list(des, standard, over, one$variable, one$by, where_id(one$where)), ran = list(),
         keys = I(groups), estimate = array_of(coef(mean)), se = array_of(unlist(SE(mean))),
         domain_df = array_of(df))
  }
}

ages <- c(55901, 77670, 72816, 45364)
adults <- list(agecat = c("(19,39]", "(39,59]", "(59,Inf]"))
standardized("people", "agecat", ages, over = c("race", "RIAGENDR"), answered = "HI_CHOL", estimates = list(
  list(variable = "HI_CHOL", by = c("race", "RIAGENDR"), where = adults),
  list(variable = "HI_CHOL", by = c("race", "RIAGENDR")),
  list(variable = "HI_CHOL", where = c(adults, list(race = 2)))))
standardized("people", "agecat", ages, answered = "HI_CHOL", estimates = list(
  list(variable = "HI_CHOL"), list(variable = "HI_CHOL", where = adults)))
standardized("people", c("agecat", "RIAGENDR"), c(3, 4, 4, 2, 3, 4, 5, 3), over = "race", answered = "HI_CHOL",
             estimates = list(list(variable = "HI_CHOL", by = "race")))
for (des in c("schools", "jackknife")) {
  standardized(des, "stype", c(.5, .2, .3), over = "awards", estimates = list(
    list(variable = "api00", by = "awards"), list(variable = "ell", by = "sch.wide"),
    list(variable = "meals", where = list(stype = "E"))))
}
finish()
