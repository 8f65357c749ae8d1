# Replicate weights read as columns; every set with mse = FALSE (R's default) and TRUE
source("../common.R")

sets <- fromJSON("sets.json")
files <- c("apiclus1.csv", "apistrat.csv", "hospital.csv")
data <- setNames(lapply(files, read_case), files)

# the linear designs that the columns were made from
clus1 <- linear_design(data$apiclus1.csv, weights = "pw", psu = "dnum", fpc = "fpc")
strat <- linear_design(data$apistrat.csv, weights = "pw", strata = "stratum", psu = "psu", nest = TRUE)
hosp <- linear_design(data$hospital.csv, weights = "weighta", strata = "oblevel", psu = "hospno",
                      fpc = "tothosp")
made_from <- list(jk1 = clus1, jkn = strat, brr = strat, fay = strat, hjkn = hosp)

school_replicate_records <- function(d) {
  estimate(d, "mean", c("api00", "meals"))
  estimate(d, "total", "enroll")
  for (x in c("stype", "awards")) estimate(d, "proportion", x)
  estimate(d, "count", "stype")
  estimate(d, "ratio", "api.stu", denominator = "enroll")
  for (by in list("stype", c("stype", "awards"))) {
    estimate(d, "mean", "api00", by = by)
    estimate(d, "proportion", "sch.wide", by = by)
    estimate(d, "total", "enroll", by = by)
  }
  estimate(d, "mean", "api00", where = list(stype = "H"))
  estimate(d, "ratio", "api.stu", denominator = "enroll", where = list(stype = c("E", "M")))
  estimate(d, "variance", "api00")
  covariance(d, "api00", "meals")
  for (interval in c("mean", "quantile")) quantiles(d, "api00", interval = interval)
  ciprop(d, list(awards = "Yes"), methods = c("logit", "asin", "beta", "mean", "xlogit"))
  chisq(d, "sch.wide", "stype", statistics = c("F", "Chisq", "Wald", "adjWald", "saddlepoint"))
  ttest(d, "api00", group = "comp.imp")
  ttest(d, "api00", minus = "api99")
  ranktest(d, "api00", "comp.imp", tests = "wilcoxon")
  contrasts_of(d, "mean", "api00", by = "stype", weights = list(E_H = c(E = 1, H = -1)))
  contrasts_of(d, "mean", "api00", by = "stype", expression = "E/H")
  for (deff in list(TRUE, "replace")) estimate(d, "mean", "api00", deff = deff)
  with_replicates(d, "log_ratio", "log(sum(.weights * api00) / sum(.weights * api99))")
  with_replicates(d, "correlation", "cov.wt(cbind(api00, meals), .weights, cor = TRUE)$cor[1, 2]")
  with_replicates(d, "geometric_mean", "exp(sum(.weights * log(enroll)) / sum(.weights))")
}

hospital_replicate_records <- function(d) {
  estimate(d, "mean", "births")
  estimate(d, "total", "births")
  estimate(d, "variance", "births")
  estimate(d, "mean", "births", by = "oblevel")
  estimate(d, "ratio", "births", denominator = "tothosp")
  with_replicates(d, "geometric_mean", "exp(sum(.weights * log(births)) / sum(.weights))")
}

for (name in names(sets)) {
  set <- sets[[name]]
  hospital <- set$file == "hospital.csv"
  base <- made_from[[name]]
  from <- if (!is.null(base)) base$spec
  gives <- function(...) set$type %in% c(...)
  for (mse in c(FALSE, TRUE)) {
    d <- paste0(name, if (mse) "_mse")
    assign(d, replicate_design(
      data[[set$file]], if (hospital) "weighta" else "pw", set$columns, set$type, mse,
      scale = if (gives("JK1", "JKn", "bootstrap", "other")) set$scale,
      rscales = if (gives("JKn", "other")) set$rscales, rho = set$rho, made_from = from))
    if (hospital) hospital_replicate_records(d) else school_replicate_records(d)
    if (!is.null(base)) {
      made <- suppressWarnings(as.svrepdesign(base, type = set$type, fay.rho = max(set$rho, 0)))
      stopifnot(all.equal(weights(made, "analysis"), weights(get(d), "analysis"), check.attributes = FALSE),
                all.equal(as.vector(made$scale), get(d)$scale))
    }
  }
}

finish()
