# Counts of answers with intervals on the scales of the logarithm and of the log odds, by svycontrast
source("../common.R")

count_limits <- function(des, variable, where = NULL, level = .95) {
  full <- sum(weights(get(des)))
  call <- bquote(svytotal(.(reformulate(variable)), .(domain(des, where)), na.rm = TRUE))
  counts <- eval(call, globalenv())
  labels <- levels_of(des, variable)
  names(counts) <- paste0("T", seq_along(labels))
  attr(counts, "var") <- unname(attr(counts, "var"))
  dimnames(attr(counts, "var")) <- list(names(counts), names(counts))
  inside <- which(coef(counts) > 0)
  reach <- qt((1 + level) / 2, df_of(des, where, variable))
  for (method in c("log", "logit")) {
    ends <- vapply(inside, function(i) {
      total <- as.name(names(counts)[i])
      expression <- if (method == "log") bquote(log(.(total))) else bquote(log(.(total) / (.(full) - .(total))))
      on <- eval(bquote(svycontrast(counts, quote(.(expression)))))
      scale <- as.vector(coef(on)) + c(-1, 1) * reach * as.vector(SE(on))
      if (method == "log") exp(scale) else full * plogis(scale)
    }, numeric(2))
    keep(des, "count_limits", call,
         args = list(variable = I(variable), where = dict_of(where), method = method, level = level),
         parts = list(variable, where_id(where), method, if (level != .95) level), ran = list(),
         keys = I(lapply(labels[inside], function(v) list(level = value_of(v)))),
         estimate = array_of(coef(counts)[inside]), se = array_of(SE(counts)[inside]),
         ci_low = array_of(ends[1, ]), ci_high = array_of(ends[2, ]))
  }
}

clus <- linear_design(read_case("../apiclus1/data.csv"), weights = "pw", psu = "dnum", fpc = "fpc")
strat <- linear_design(read_case("../apistrat/data.csv"), weights = "pw", strata = "stype", fpc = "fpc")
people <- linear_design(read_case("../nhanes/data.csv", categorical = "race"), weights = "WTMEC2YR",
                        strata = "SDMVSTRA", psu = "SDMVPSU", nest = TRUE)
count_limits("clus", "stype")
count_limits("clus", "awards", where = list(stype = "H"))
count_limits("clus", "stype", level = .9)
count_limits("strat", "awards")
count_limits("strat", "sch.wide", where = list(stype = c("H", "M")))
count_limits("people", "race")
count_limits("people", "agecat", where = list(race = 3))

finish()
