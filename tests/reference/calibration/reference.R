# Weights, and means, totals and shares after each weighting step, on the schools and on the synthetic
# consumer survey. Iterations go on until nothing moves, so that weights are comparable to 1e-8.
source("../common.R")

data(api, package = "survey", envir = environment())
EVERY <- 10 # of the consumer survey every tenth weight is written

# ---- designs -------------------------------------------------------------------------------------

schools <- function(case) {
  read <- read_case(file.path("..", case, "data.csv"))
  # the columns that weighting needs, under names that both sides can read
  read$school <- read$sch.wide
  read
}
clus1 <- linear_design(schools("apiclus1"), weights = "pw", psu = "dnum", fpc = "fpc")
strat <- linear_design(schools("apistrat"), weights = "pw", strata = "stype", fpc = "fpc")
consumer <- linear_design(transform(read_case("consumer.csv"), one = 1), weights = "one", strata = "country")
attr(consumer$variables, "file") <- consumer$file <- "consumer.csv"
consumer$spec$weights <- NULL
jk1 <- as.svrepdesign(clus1, type = "JK1")
jk1$file <- clus1$file
jk1$spec <- clus1$spec

# ---- the population ------------------------------------------------------------------------------

pop <- function(...) xtabs(reformulate(c(...)), apipop)
stype <- pop("stype")
wide <- pop("sch.wide")
awards <- pop("awards")
both <- pop("sch.wide", "awards")
api99 <- sum(apipop$api99)
N <- nrow(apipop)

n <- nrow(consumer)
ages <- c("18-24" = .12, "25-34" = .18, "35-44" = .17, "45-54" = .17, "55-64" = .16, "65+" = .20) * n
countries <- c("United Kingdom" = .08, "United States" = .34, Germany = .09, France = .07, Spain = .05,
               Australia = .03, Japan = .13, Brazil = .21) * n
sexes <- c(Female = .51, Male = .49) * n
ages_by_sex <- outer(ages, sexes) / n * cbind(Female = seq(.9, 1.15, .05), Male = seq(1.1, .85, -.05))
ages_by_sex <- ages_by_sex / sum(ages_by_sex) * n
duration <- 1.02 * sum(consumer$variables$duration_seconds)

margin <- function(name, totals) setNames(data.frame(names(totals), as.vector(totals)), c(name, "Freq"))
cells <- function(totals, names) setNames(as.data.frame(as.table(totals)), c(names, "Freq"))
listed <- function(totals) as.list(setNames(as.vector(totals), names(totals)))
nested <- function(totals) setNames(lapply(rownames(totals), function(r) listed(totals[r, ])), rownames(totals))

# ---- one record ----------------------------------------------------------------------------------

outcomes <- list(
  clus1 = list(numeric = c("api00", "enroll"), factor = "comp.imp", by = "stype"),
  strat = list(numeric = c("api00", "enroll"), factor = "comp.imp", by = "stype"),
  jk1 = list(numeric = c("api00", "enroll"), factor = "comp.imp", by = "stype"),
  consumer = list(numeric = "trust_score", factor = "trust_all_brands", by = "sex"))

one <- function(statistic, variable, x, by = NULL) {
  found <- coef(x)
  keys <- lapply(seq_along(found), function(i) {
    level <- if (statistic == "proportion") sub(variable, "", names(found)[i], fixed = TRUE) else ""
    list(statistic = statistic, variable = variable, level = level, by = if (is.null(by)) "" else by[i])
  })
  list(keys = keys, estimate = unname(found), se = unname(unlist(SE(x))))
}

# des: the design's name; call: the weighting; args: what trustkit is to do
weighted <- function(des, id, call, args) {
  ran <- run(call)
  if (is.null(ran$value)) {
    keep(des, "weighted", call, args, id, ran)
    return(invisible())
  }
  out <- outcomes[[des]]
  after <<- ran$value
  parts <- list()
  for (x in out$numeric) {
    parts <- c(parts, list(one("mean", x, svymean(reformulate(x), after, na.rm = TRUE)),
                           one("total", x, svytotal(reformulate(x), after, na.rm = TRUE))))
    grouped <- svyby(reformulate(x), reformulate(out$by), after, svymean, na.rm = TRUE)
    parts <- c(parts, list(one("mean", x, grouped, as.character(grouped[[out$by]]))))
  }
  shares <- svymean(reformulate(out$factor), after, na.rm = TRUE)
  parts <- c(parts, list(one("proportion", out$factor, shares)))
  w <- weights(after, "sampling")
  every <- if (des == "consumer") EVERY else 1
  keep(des, "weighted", call, args, id, ran, keys = do.call(c, lapply(parts, `[[`, "keys")),
       estimate = array_of(unlist(lapply(parts, `[[`, "estimate"))),
       se = array_of(unlist(lapply(parts, `[[`, "se"))),
       extra = list(weights = array_of(w[seq(1, length(w), every)]), every = every,
                    sum = sum(w), squares = sum(w^2)))
}

tight <- list(maxit = 5000, epsilon = 1e-13)

# ---- raking --------------------------------------------------------------------------------------

for (des in c("clus1", "strat", "jk1")) {
  weighted(des, "rake", bquote(rake(.(as.name(des)), list(~sch.wide, ~awards),
    list(margin("sch.wide", wide), margin("awards", awards)), control = tight)),
    list(step = "rake", targets = list(sch.wide = listed(wide), awards = listed(awards))))
}
weighted("consumer", "rake", quote(rake(consumer, list(~age_group, ~country, ~sex),
  list(margin("age_group", ages), margin("country", countries), margin("sex", sexes)), control = tight)),
  list(step = "rake", targets = list(age_group = listed(ages), country = listed(countries), sex = listed(sexes))))

# the same weights by calibration, whose residuals R takes exactly and with the base weights: after rake()
# it sweeps out unweighted level means ten times
two_totals <- c(`(Intercept)` = N, sch.wideYes = wide[["Yes"]], awardsYes = awards[["Yes"]])
three_totals <- c(`(Intercept)` = n, ages[-1], countries[-1], sexMale = sexes[["Male"]])
consumer$variables$country <- factor(consumer$variables$country, names(countries))
names(three_totals)[2:13] <- c(paste0("age_group", names(ages)[-1]), paste0("country", names(countries)[-1]))
for (des in c("clus1", "strat")) {
  weighted(des, "rake by calibrate", bquote(calibrate(.(as.name(des)), ~sch.wide + awards, two_totals,
    calfun = "raking", maxit = 500, epsilon = 1e-13)),
    list(step = "rake", targets = list(sch.wide = listed(wide), awards = listed(awards))))
}
weighted("consumer", "rake by calibrate", quote(calibrate(consumer, ~age_group + country + sex, three_totals,
  calfun = "raking", maxit = 500, epsilon = 1e-13)),
  list(step = "rake", targets = list(age_group = listed(ages), country = listed(countries), sex = listed(sexes))))

# ---- targets as tables print them ------------------------------------------------------------------
# trustkit gets the rounded figures; R gets them after they were multiplied to one total

whole <- sum(weights(strat, "sampling"))
shares <- list(sch.wide = round(wide / N, 2) - c(.004, 0), awards = round(awards / N, 3) + c(0, .001))
percents <- lapply(list(sch.wide = wide, awards = awards), function(x) round(100 * x / N, 1) - c(.1, 0))
counts <- list(sch.wide = wide, awards = awards + c(1, 0))
scaled_to <- function(x, total) x / sum(x) * total
printed <- list(shares = list(shares, whole), percentages = list(percents, whole), counts = list(counts, sum(wide)))
for (kind in names(printed)) {
  given <- printed[[kind]][[1]]
  total <- printed[[kind]][[2]]
  one_total <- lapply(given, scaled_to, total)
  printed_totals <- c(`(Intercept)` = total, sch.wideYes = one_total$sch.wide[["Yes"]],
                      awardsYes = one_total$awards[["Yes"]])
  weighted("strat", paste("rake to rounded", kind), quote(calibrate(strat, ~sch.wide + awards, printed_totals,
    calfun = "raking", maxit = 500, epsilon = 1e-13)), list(step = "rake", targets = lapply(given, listed)))
}

# a joint table, rounded, that disagrees with the margin of one of its variables: its rows follow the margin
joint <- round(100 * both / N, 1)
margin_of_wide <- scaled_to(round(wide / N, 3) + c(-.001, .001), whole)
rows_fitted <- scaled_to(joint, whole)
rows_fitted <- rows_fitted / rowSums(rows_fitted) * as.vector(margin_of_wide)
weighted("strat", "rake to a joint table and a margin",
  quote(postStratify(strat, ~sch.wide + awards, cells(rows_fitted, c("sch.wide", "awards")))),
  list(step = "rake", targets = list("sch.wide x awards" = nested(joint), sch.wide = listed(margin_of_wide / whole))))

# ---- poststratification --------------------------------------------------------------------------

for (des in c("clus1", "strat", "jk1")) {
  weighted(des, "poststratify one", bquote(postStratify(.(as.name(des)), ~awards, margin("awards", awards))),
           list(step = "poststratify", targets = list(awards = listed(awards))))
  weighted(des, "poststratify joint",
           bquote(postStratify(.(as.name(des)), ~sch.wide + awards, cells(both, c("sch.wide", "awards")))),
           list(step = "poststratify", targets = list("sch.wide x awards" = nested(both))))
}
weighted("consumer", "poststratify joint",
  quote(postStratify(consumer, ~age_group + sex, cells(ages_by_sex, c("age_group", "sex")))),
  list(step = "poststratify", targets = list("age_group x sex" = nested(ages_by_sex))))

# ---- calibration ---------------------------------------------------------------------------------

school_totals <- c(`(Intercept)` = N, stypeH = stype[["H"]], stypeM = stype[["M"]], api99 = api99)
school_targets <- list(stype = listed(stype), api99 = api99)
people_totals <- c(`(Intercept)` = n, ages[-1], sexMale = sexes[["Male"]], duration_seconds = duration)
names(people_totals)[2:6] <- paste0("age_group", names(ages)[-1])
people_targets <- list(age_group = listed(ages), sex = listed(sexes), duration_seconds = duration)

kinds <- list(
  list("linear", NULL), list("raking", NULL), list("logit", c(.5, 2.5)),
  list("linear", c(.6, 2.2)), list("raking", c(.6, 2.2)))
for (kind in kinds) {
  bounds <- if (is.null(kind[[2]])) c(-Inf, Inf) else kind[[2]]
  id <- paste("calibrate", kind[[1]], paste(kind[[2]], collapse = " to "))
  args <- list(step = "calibrate", method = kind[[1]], bounds = if (!is.null(kind[[2]])) I(bounds))
  for (des in c("clus1", "strat", "jk1")) {
    weighted(des, id, bquote(calibrate(.(as.name(des)), ~stype + api99, school_totals, calfun = .(kind[[1]]),
      bounds = .(bounds), maxit = 500, epsilon = 1e-13)), c(args, list(targets = school_targets)))
  }
  if (!is.null(kind[[2]])) bounds <- c(.5, 2.5) # .6 to 2.2 leaves no room there
  args$bounds <- if (!is.null(kind[[2]])) I(bounds)
  id <- paste("calibrate", kind[[1]], if (!is.null(kind[[2]])) "0.5 to 2.5")
  weighted("consumer", id, bquote(calibrate(consumer, ~age_group + sex + duration_seconds, people_totals,
    calfun = .(kind[[1]]), bounds = .(bounds), maxit = 500, epsilon = 1e-13)),
    c(args, list(targets = people_targets)))
}
weighted("consumer", "calibrate raking beyond its bounds", quote(calibrate(consumer, ~age_group + sex + duration_seconds,
  people_totals, calfun = "raking", bounds = c(.6, 2.2), maxit = 500, epsilon = 1e-13)),
  list(step = "calibrate", method = "raking", bounds = I(c(.6, 2.2)), targets = people_targets))

# ---- two steps -----------------------------------------------------------------------------------

weighted("clus1", "calibrate then poststratify",
  quote(postStratify(calibrate(clus1, ~stype + api99, school_totals, calfun = "raking", epsilon = 1e-13,
                               maxit = 500), ~awards, margin("awards", awards))),
  list(step = "calibrate then poststratify", method = "raking", targets = school_targets,
       then = list(awards = listed(awards))))

# ---- trimming ------------------------------------------------------------------------------------

for (strict in c(FALSE, TRUE)) {
  word <- if (strict) "strict" else "once"
  weighted("strat", paste("trim", word), bquote(trimWeights(strat, upper = 42, lower = 20.2, strict = .(strict))),
           list(step = "trim", upper = 42, lower = 20.2, redistribute = word))
  weighted("strat", paste("trim above", word), bquote(trimWeights(strat, upper = 33, strict = .(strict))),
           list(step = "trim", upper = 33, lower = NULL, redistribute = word))
  weighted("consumer", paste("rake then trim", word), bquote(trimWeights(rake(consumer,
    list(~age_group, ~country, ~sex), list(margin("age_group", ages), margin("country", countries),
    margin("sex", sexes)), control = tight), upper = 1.5, lower = .5, strict = .(strict))),
    list(step = "rake then trim", upper = 1.5, lower = .5, redistribute = word,
         targets = list(age_group = listed(ages), country = listed(countries), sex = listed(sexes))))
}

finish()
