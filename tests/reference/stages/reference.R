# Several stages of sampling: fpc at each, strata at each, three stages, domains, calibrated weights, lonely units
source("../common.R")

# stages: list of list(psu, strata, fpc); psu "~1" of the last stage is each row
staged_design <- function(data, weights, stages) {
  data$.row <- seq_len(nrow(data))
  data$.all <- 1
  data$.many <- Inf
  part <- function(name, none) vapply(stages, function(s) if (is.null(s[[name]])) none else s[[name]], "")
  fpc <- part("fpc", ".many") # no fpc: infinitely many units
  strata <- part("strata", ".all")
  formula <- function(columns) if (length(columns)) as.formula(paste("~", paste(columns, collapse = "+")))
  des <- svydesign(ids = formula(part("psu", ".row")),
                   strata = if (any(strata != ".all")) formula(strata), weights = tilde(weights),
                   fpc = formula(fpc), data = data, nest = TRUE)
  des$file <- attr(data, "file")
  des$spec <- list(weights = weights, strata = NULL, psu = NULL, fpc = NULL, nest = TRUE, stages = stages)
  des
}

mu <- read_case("mu284.csv")
towns <- staged_design(mu, NULL, list(list(psu = "id1", fpc = "n1"), list(psu = "id2", fpc = "n2")))
api <- read_case("apiclus2.csv")
districts <- staged_design(api, "pw", list(list(psu = "dnum", fpc = "fpc1"), list(psu = "snum", fpc = "fpc2")))
rows <- staged_design(api, "pw", list(list(psu = "dnum", fpc = "fpc1"), list(fpc = "fpc2")))
first <- staged_design(api, "pw", list(list(psu = "dnum", fpc = "fpc1"), list(psu = "snum")))
three_data <- read_case("three.csv")
three <- staged_design(three_data, "weight", list(
  list(psu = "town", strata = "region", fpc = "towns"),
  list(psu = "street", strata = "age", fpc = "streets"),
  list(psu = "home", fpc = "homes")))
persons <- staged_design(three_data, "weight", list(
  list(psu = "town", strata = "region", fpc = "towns"),
  list(psu = "street", strata = "age", fpc = "streets"), list()))

estimate("towns", "total", "y1")
estimate("towns", "mean", "y1")
estimate("towns", "proportion", "size")
estimate("towns", "mean", "y1", by = "size")

for (d in c("districts", "first")) {
  options(survey.lonely.psu = if (d == "first") "remove" else "fail") # one school alone in its district
  estimate(d, "mean", "api00")
  estimate(d, "total", "enroll")
  estimate(d, "ratio", "api00", denominator = "api99")
  estimate(d, "variance", "api00")
  estimate(d, "proportion", "stype")
  estimate(d, "count", "stype")
  estimate(d, "mean", "api00", by = "sch.wide")
  estimate(d, "ratio", "api00", denominator = "api99", by = "sch.wide")
  estimate(d, "mean", "ell", where = list(stype = "H"))
  estimate(d, "mean", "api00", deff = "replace")
  covariance(d, "api00", "ell")
  quantiles(d, "api00", probs = c(.25, .5, .75))
  quantiles(d, "api00", by = "sch.wide", probs = .5)
  ciprop(d, list(stype = "E"), methods = c("logit", "xlogit", "beta"))
  chisq(d, "stype", "sch.wide", statistics = c("F", "Chisq", "Wald", "adjWald"))
  ttest(d, "api00", group = "sch.wide")
  oneway(d, "api00", "stype")
  contrasts_of(d, "mean", "api00", by = "stype",
               weights = list(elementary_high = c(E = 1, H = -1), others_middle = c(E = 0.5, H = 0.5, M = -1)))
  contrasts_of(d, "mean", c("api00", "api99"), expression = "api00/api99")
}
options(survey.lonely.psu = "fail")
estimate("rows", "mean", "api00")
for (d in c("three", "persons")) {
  estimate(d, "mean", c("trust", "spend"))
  estimate(d, "total", "spend")
  estimate(d, "ratio", "trust", denominator = "spend")
  estimate(d, "proportion", "answer")
  estimate(d, "mean", "trust", by = c("region", "group"))
  estimate(d, "mean", "trust", where = list(age = "old"), level = .9)
  quantiles(d, "trust", by = "region", probs = .5)
  chisq(d, "answer", "group", statistics = c("F", "Wald"))
  ttest(d, "trust", group = "region")
  oneway(d, "trust", "group")
  oneway(d, "spend", "age", where = list(region = "north"))
  contrasts_of(d, "mean", "trust", by = "group", weights = list(a_b = c(a = 1, b = -1)))
}

# one respondent alone in a home, one home alone in a street: the policies in later stages
alone_data <- read_case("three.csv")
alone_data <- alone_data[!(alone_data$town == 1 & alone_data$street == 1 & alone_data$home != "1-1"), ]
alone <- staged_design(alone_data, "weight", list(
  list(psu = "town", strata = "region", fpc = "towns"), list(psu = "street", strata = "age", fpc = "streets"),
  list(psu = "home", fpc = "homes")))
attr(alone_data, "file") <- "alone.csv"
alone$file <- "alone.csv"
write.csv(alone_data, "alone.csv", row.names = FALSE, quote = FALSE, na = "")
for (policy in c("adjust", "remove", "certainty")) {
  options(survey.lonely.psu = policy)
  estimate("alone", "mean", "spend", parts = policy)
  estimate("alone", "total", "spend", parts = policy)
  estimate("alone", "mean", "spend", by = "group", parts = policy)
}
options(survey.lonely.psu = "adjust", survey.adjust.domain.lonely = TRUE)
estimate("alone", "mean", "spend", where = list(group = "a"), parts = "domains")
options(survey.lonely.psu = "fail", survey.adjust.domain.lonely = FALSE)

# weights that meet totals: the residuals of all stages
calibrated <- function(id, des, args, keys) {
  step <- list(poststratify = quote(postStratify), calibrate = quote(calibrate))[[args$step]]
  targets <- if (args$step == "poststratify") {
    call <- bquote(postStratify(.(as.name(des)), ~sch.wide, data.frame(sch.wide = c("No", "Yes"),
                                                                       Freq = .(unlist(args$totals)))))
  } else {
    call <- bquote(calibrate(.(as.name(des)), ~stype, c(`(Intercept)` = .(sum(unlist(args$totals))),
                                                        stypeH = .(args$totals$H), stypeM = .(args$totals$M))))
  }
  after <<- eval(call, globalenv())
  after$file <<- get(des)$file
  after$spec <<- get(des)$spec
  total <- svytotal(~enroll, after, na.rm = TRUE)
  mean <- svymean(~api00, after)
  ratio <- svyratio(~api00, ~api99, after)
  by <- svyby(~api00, ~awards_like, update(after, awards_like = api99 > 700), svymean)
  keep("after", "after_weighting", call, args, parts = args$step, ran = list(),
       keys = I(list("total enroll", "mean api00", "ratio api00/api99")),
       estimate = array_of(c(coef(total), coef(mean), as.vector(coef(ratio)))),
       se = array_of(c(SE(total), SE(mean), as.vector(unlist(SE(ratio))))),
       extra = list(by_estimate = array_of(coef(by)), by_se = array_of(SE(by))))
}
calibrated("poststratify", "districts",
           list(step = "poststratify", variable = "sch.wide", totals = list(No = 1100, Yes = 5000)))
calibrated("calibrate", "districts",
           list(step = "calibrate", variable = "stype", totals = list(E = 4400, H = 750, M = 1000)))

finish()
