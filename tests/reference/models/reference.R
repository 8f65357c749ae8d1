# Regression under a design: svyglm, its tests of terms and its predictive means, with a tight epsilon
suppressPackageStartupMessages({
  library(survey)
  library(jsonlite)
  library(splines)
})
invisible(Sys.setlocale("LC_COLLATE", "C"))
options(warn = 1)
tight <- list(epsilon = 1e-15, maxit = 200)
records <- list()

read_case <- function(file) {
  data <- read.csv(file, na.strings = "", check.names = FALSE, stringsAsFactors = TRUE)
  for (name in intersect(c("race", "RIAGENDR"), names(data))) data[[name]] <- factor(data[[name]])
  data
}

# ---- designs: the same names in tests/models/reference_designs.py ------------------------------------
clus1 <- read_case("../apiclus1/data.csv")
strat <- read_case("../apistrat/data.csv")
clus2 <- read_case("../stages/apiclus2.csv")
regions <- read_case("../lonely/data.csv")
people <- read_case("../nhanes/data.csv")
domains <- read_case("../domains/data.csv")

one_stage <- svydesign(ids = ~dnum, weights = ~pw, fpc = ~fpc, data = clus1)
designs <- list(
  clus1 = one_stage,
  strat = svydesign(ids = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = strat),
  clus2 = svydesign(ids = ~dnum + snum, fpc = ~fpc1 + fpc2, data = clus2),
  people = svydesign(ids = ~SDMVPSU, strata = ~SDMVSTRA, weights = ~WTMEC2YR, nest = TRUE, data = people),
  regions = svydesign(ids = ~dnum, strata = ~region, weights = ~pw, fpc = ~districts, data = regions),
  jk1 = as.svrepdesign(one_stage, type = "JK1"),
  raked = calibrate(one_stage, ~stype + awards, calfun = "raking", epsilon = 1e-14, maxit = 200,
                    population = c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018, awardsYes = 4200)),
  poststratified = postStratify(one_stage, ~stype,
                                data.frame(stype = c("E", "H", "M"), Freq = c(4421, 755, 1018))),
  counties = svydesign(ids = ~psu, strata = ~stratum, weights = ~pw, nest = TRUE, data = domains)
)

families <- list(gaussian = gaussian, binomial = quasibinomial, poisson = quasipoisson, gamma = Gamma)

condition <- function(where) {
  parts <- lapply(names(where), function(name) bquote(.(as.name(name)) %in% .(where[[name]])))
  Reduce(function(a, b) bquote(.(a) & .(b)), parts)
}
domain <- function(design, where) {
  if (is.null(where)) designs[[design]] else eval(bquote(subset(designs[[.(design)]], .(condition(where)))))
}

# the call holds its values, as parts of the package evaluate it again elsewhere
# glm stops by the deviance, which is flat at its minimum, so the fit starts again from its own result
fitted_model <- function(des, f, how, again = 6) {
  m <- eval(bquote(svyglm(.(f), design = .(des), family = .(how), control = tight)))
  for (step in seq_len(again)) {
    m <- eval(bquote(svyglm(.(f), design = .(des), family = .(how), control = tight, start = .(coef(m)))))
  }
  m
}

# formula: as R writes it; ours: as trustkit does, where that differs
fit <- function(design, formula, family = "gaussian", link = NULL, where = NULL, ours = formula,
                lonely = "fail", tests = NULL, means = NULL, at = NULL) {
  options(survey.lonely.psu = lonely)
  des <- domain(design, where)
  f <- as.formula(formula)
  how <- if (is.null(link)) families[[family]]() else families[[family]](link = link)
  m <- fitted_model(des, f, how)
  record <- list(
    id = paste(c(design, ours, family, link, names(where), unlist(where), if (lonely != "fail") lonely), collapse = " / "),
    design = design, formula = ours, family = family, link = link, lonely = lonely,
    where = if (is.null(where)) NULL else lapply(where, I),
    names = names(coef(m)), estimate = unname(coef(m)), vcov = unname(vcov(m)), df = m$df.residual,
    dispersion = as.vector(summary(m)$dispersion))
  record$tests <- lapply(tests, function(term) term_tests(m, term))
  record$means <- lapply(means, function(by) predicted(des, f, how, by))
  if (!is.null(at)) record$predictions <- lapply(c("link", "response"), function(type) {
    p <- predict(m, newdata = as.data.frame(at), type = type, se.fit = TRUE, vcov = TRUE)
    list(at = at, type = type, estimate = as.vector(coef(p)), vcov = unname(as.matrix(vcov(p))))
  })
  records[[length(records) + 1]] <<- record
}

term_tests <- function(m, term) {
  wald <- regTermTest(m, as.formula(paste("~", term)))
  chisq <- regTermTest(m, as.formula(paste("~", term)), df = Inf)
  lrt <- tryCatch(regTermTest(m, as.formula(paste("~", term)), method = "LRT"), error = function(e) NULL)
  list(term = term, F = as.vector(wald$Ftest), df = c(wald$df, wald$ddf), p = as.vector(wald$p),
       p_chisq = as.vector(chisq$p),
       lrt = if (!is.null(lrt)) list(chisq = as.vector(lrt$chisq), lambda = lrt$lambda, p = as.vector(lrt$p), ddf = lrt$ddf))
}

# svypredmeans fits the group in, so the fit itself has no group
predicted <- function(des, f, how, by) {
  group <- as.formula(paste("~", by))
  m <- fitted_model(des, f, how, again = 0) # it is fitted again there, with one more term
  p <- svypredmeans(m, group)
  parts <- attr(attr(p, "var"), "parts")
  list(by = by, levels = names(coef(p)), estimate = unname(coef(p)), vcov = unname(as.matrix(vcov(p))),
       from_coefficients = unname(parts[[1]]), from_averaging = unname(parts[[2]]))
}

at <- list(ell = c(0, 20, 50), meals = c(10, 50, 90))
fit("strat", "api00 ~ ell + meals + mobility", tests = c("ell", "meals"))
fit("strat", "api00 ~ ell + meals", means = "stype", at = at)
fit("strat", "api00 ~ ell + meals + stype", tests = "stype")
fit("strat", "sch.wide ~ ell + meals", "binomial", means = "stype", at = at)
fit("strat", "enroll ~ stype + offset(log(api.stu))", "poisson")
fit("strat", "api00 ~ stype * sch.wide + meals", tests = "stype:sch.wide")
fit("strat", "api00 ~ poly(meals, 3)", ours = "api00 ~ poly(meals, 3)")
fit("strat", "api00 ~ bs(meals, df = 5)", ours = "api00 ~ bs(meals, df=5)")
fit("strat", "api00 ~ log(enroll) + I(ell^2 / 100)", ours = "api00 ~ log(enroll) + I(ell ** 2 / 100)")
fit("strat", "api00 ~ 0 + stype + meals")
fit("strat", "api00 ~ stype:meals")
fit("strat", "enroll ~ stype + meals", "gamma", "log", means = "awards")
fit("strat", "enroll ~ meals + awards", "gamma", "inverse")
fit("strat", "api00 ~ stype + awards", where = list(sch.wide = "Yes"))
fit("strat", "api00 ~ ell", where = list(stype = c("E", "H")))
for (link in c("logit", "probit", "cloglog")) {
  fit("clus1", "sch.wide ~ ell + meals + mobility", "binomial", link)
  fit("clus1", "sch.wide ~ stype", "binomial", link, tests = "stype")
}
fit("clus1", "api00 ~ ell + meals + mobility", tests = "mobility")
fit("clus1", "sch.wide ~ ell + meals + stype", "binomial", tests = c("stype", "ell"))
fit("clus1", "sch.wide ~ ell + meals", "binomial", where = list(stype = "E"))
fit("clus1", "api.stu ~ ell + meals + stype", "poisson", tests = "stype", means = "awards")
fit("clus1", "api00 ~ ell + avg.ed + awards")
fit("clus1", "awards ~ stype + ell", "binomial", where = list(stype = c("E", "M")))
fit("clus2", "api00 ~ ell + enroll", tests = "ell")
fit("clus2", "api00 ~ stype", tests = "stype")
fit("clus2", "sch.wide ~ ell + enroll", "binomial")
fit("clus2", "enroll ~ ell + stype", "poisson", where = list(sch.wide = "Yes"))
for (d in c("jk1", "raked", "poststratified")) {
  fit(d, "api00 ~ ell + meals + awards", tests = "meals")
  fit(d, "awards ~ ell + mobility", "binomial", tests = "ell")
  fit(d, "api00 ~ stype", tests = "stype")
  fit(d, "api.stu ~ meals + stype", "poisson")
}
fit("raked", "awards ~ ell + meals", "binomial", means = "stype")
fit("raked", "awards ~ ell + meals", "binomial", where = list(stype = c("E", "M")))
fit("people", "HI_CHOL ~ race + agecat + RIAGENDR", "binomial", tests = c("race", "agecat"))
fit("people", "HI_CHOL ~ race * RIAGENDR", "binomial", tests = "race:RIAGENDR")
fit("people", "HI_CHOL ~ agecat", "binomial", where = list(race = c("2", "3")), tests = "agecat")
fit("people", "HI_CHOL ~ RIAGENDR + race", "poisson", where = list(agecat = c("(39,59]", "(59,Inf]")))
for (lonely in c("adjust", "average", "remove")) {
  fit("regions", "api00 ~ meals + awards", lonely = lonely)
  fit("regions", "sch.wide ~ ell", "binomial", lonely = lonely)
  fit("regions", "api00 ~ stype", lonely = lonely)
}
fit("counties", "api00 ~ meals + awards", tests = "meals")
fit("counties", "api00 ~ meals", where = list(zone = "a"))
fit("counties", "awards ~ ell", "binomial")

output <- list(records = records)
writeLines(toJSON(output, digits = NA, auto_unbox = TRUE, null = "null", na = "null"), "output.json")
version <- function(package) paste(package, packageDescription(package)$Version)
writeLines(c(paste("R", getRversion()), version("survey"), version("jsonlite")), "versions.txt")
