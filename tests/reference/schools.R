# The records that every sample of schools holds (after common.R)

school_records <- function(des) {
  numeric <- c("api00", "api99", "meals", "ell", "mobility")
  for (x in c(numeric, "enroll", "target", "avg.ed")) estimate(des, "mean", x)
  estimate(des, "mean", numeric)
  estimate(des, "mean", "api00", level = .9)
  estimate(des, "total", c("api00", "meals"))
  for (x in c("enroll", "target")) estimate(des, "total", x)
  for (x in c("stype", "sch.wide", "comp.imp", "awards")) {
    estimate(des, "proportion", x)
    estimate(des, "count", x)
  }
  estimate(des, "ratio", "api.stu", denominator = "enroll")
  estimate(des, "ratio", c("api00", "meals"), denominator = c("api99", "ell"))

  for (by in list("stype", "awards", c("stype", "sch.wide"))) {
    estimate(des, "mean", "api00", by = by)
    estimate(des, "mean", c("api00", "meals"), by = by)
    estimate(des, "mean", "target", by = by)
    estimate(des, "total", "enroll", by = by)
    estimate(des, "proportion", "comp.imp", by = by)
    estimate(des, "ratio", "api.stu", denominator = "enroll", by = by)
  }
  estimate(des, "proportion", "stype", by = "awards")
  estimate(des, "proportion", "stype", by = c("awards", "sch.wide"))

  for (where in list(list(stype = "H"), list(stype = c("E", "M"), comp.imp = "Yes"))) {
    for (x in c("api00", "target")) estimate(des, "mean", x, where = where)
    estimate(des, "total", "enroll", where = where)
    estimate(des, "proportion", "sch.wide", where = where)
    estimate(des, "ratio", "api.stu", denominator = "enroll", where = where)
    estimate(des, "mean", "api00", by = "awards", where = where)
    estimate(des, "variance", "api00", where = where)
  }

  for (x in c("api00", "meals", "ell")) {
    for (interval in c("mean", "xlogit", "beta", "asin")) quantiles(des, x, interval = interval)
  }
  for (rule in c("school", "shahvaish", paste0("hf", 1:9))) quantiles(des, "api00", qrule = rule)
  quantiles(des, "api00", level = .9)
  quantiles(des, "avg.ed")
  for (by in list("stype", c("stype", "sch.wide"))) quantiles(des, "api00", by = by)
  quantiles(des, "api00", where = list(stype = "H"))

  for (x in numeric) estimate(des, "variance", x)
  estimate(des, "variance", "api00", by = "stype")
  covariance(des, "api00", "meals")
  covariance(des, "api00", "api99")
  covariance(des, "api00", "ell", where = list(stype = "E"))

  for (event in list(list(ell = 0), list(sch.wide = "Yes"), list(comp.imp = "No"))) {
    ciprop(des, event)
  }
  ciprop(des, list(awards = "Yes"), level = .9)
  ciprop(des, list(awards = "Yes"), where = list(stype = "M"))

  for (pair in list(c("sch.wide", "stype"), c("awards", "stype"), c("comp.imp", "sch.wide"))) {
    chisq(des, pair[1], pair[2])
  }
  chisq(des, "awards", "sch.wide", where = list(stype = c("E", "M")))

  ttest(des, "api00", group = "comp.imp")
  ttest(des, "enroll", group = "awards")
  ttest(des, "api00", group = "awards", where = list(stype = "E"))
  ttest(des, "api00", mu = 650)
  ttest(des, "api00", minus = "api99")
  for (group in c("comp.imp", "stype")) ranktest(des, "api00", group)
  ranktest(des, "meals", "awards", where = list(stype = "E"))

  contrasts_of(des, "mean", "api00", by = "stype",
               weights = list(E_H = c(E = 1, H = -1), E_rest = c(E = 1, H = -.5, M = -.5)))
  contrasts_of(des, "mean", "api00", by = "stype", expression = "E/H")
  contrasts_of(des, "mean", "api00", by = "stype", expression = "log(M/E)")
  contrasts_of(des, "mean", c("api00", "api99"), weights = list(gain = c(api00 = 1, api99 = -1)))
  contrasts_of(des, "mean", c("api00", "api99"), expression = "(api00-api99)/api99")
  contrasts_of(des, "total", c("api00", "meals"), expression = "meals/api00")

  for (deff in list(TRUE, "replace")) {
    estimate(des, "mean", numeric, deff = deff)
    estimate(des, "total", "enroll", deff = deff)
    estimate(des, "proportion", "awards", deff = deff)
    estimate(des, "count", "sch.wide", deff = deff)
    estimate(des, "mean", "api00", where = list(stype = "H"), deff = deff)
  }
  estimate(des, "mean", "api00", by = "stype", deff = TRUE)
}
