# Helpers for every case: each builds one R call, runs it and keeps one record of output.json.
# A design is named by the string `des`, so that the kept call text reads like the script.

suppressPackageStartupMessages({
  library(survey)
  library(jsonlite)
})
invisible(Sys.setlocale("LC_COLLATE", "C"))

records <- list()
fields <- c("id", "call", "data", "design", "statistic", "args", "keys", "estimate", "se", "vcov",
            "ci_low", "ci_high", "df", "domain_df", "deff", "value", "df_test", "p_value", "extra", "warnings",
            "error")

# ---- data and designs --------------------------------------------------------------------------

read_case <- function(file = "data.csv", categorical = character()) {
  data <- read.csv(file, na.strings = "", check.names = FALSE, stringsAsFactors = TRUE)
  data[categorical] <- lapply(data[categorical], factor)
  attr(data, "file") <- file
  data
}

tilde <- function(columns, none = NULL) if (is.null(columns)) none else reformulate(columns)

# several columns of strata or PSUs are crossed, not stages
crossed <- function(columns, none = NULL) {
  if (length(columns) < 2) return(tilde(columns, none))
  as.formula(paste0("~interaction(", paste(columns, collapse = ", "), ", drop = TRUE)"))
}

linear_design <- function(data, weights, strata = NULL, psu = NULL, fpc = NULL, nest = FALSE) {
  des <- svydesign(ids = crossed(psu, ~1), strata = crossed(strata), weights = tilde(weights),
                   fpc = tilde(fpc), nest = nest, data = data)
  des$file <- attr(data, "file")
  des$spec <- list(weights = weights, strata = strata, psu = psu, fpc = fpc, nest = nest)
  des
}

# columns: the combined (analysis) weights; made_from: the design the columns were made from, or NULL
replicate_design <- function(data, weights, columns, type, mse, scale = NULL, rscales = NULL,
                             rho = NULL, made_from = NULL) {
  des <- suppressWarnings(svrepdesign(
    data = data, weights = tilde(weights), repweights = as.matrix(data[columns]), type = type,
    combined.weights = TRUE, scale = scale, rscales = rscales, rho = rho, mse = mse))
  des$file <- attr(data, "file")
  des$spec <- list(weights = weights, strata = NULL, psu = NULL, fpc = NULL, nest = FALSE)
  des$replicates <- list(columns = columns, type = type, scale = des$scale,
                         rscales = if (any(des$rscales != 1)) des$rscales, rho = rho, mse = mse,
                         made_from = made_from)
  des
}

# ---- one record --------------------------------------------------------------------------------

array_of <- function(x) if (is.null(x)) NULL else I(unname(as.vector(x)))
matrix_of <- function(x) if (is.null(x)) NULL else unname(as.matrix(x))
value_of <- function(x) type.convert(as.character(x), as.is = TRUE)
dict_of <- function(x) if (is.null(x)) NULL else lapply(x, function(v) I(value_of(v)))
text_of <- function(call) gsub("\\s+", " ", paste(deparse(call, width.cutoff = 500), collapse = " "))

# inner warnings that say nothing about the number
noise <- "Chi-squared approximation|Recycling array|length\\(STATS\\)"

run <- function(call) {
  out <- list(value = NULL, warnings = NULL, error = NULL)
  out$value <- withCallingHandlers(
    tryCatch(eval(call, globalenv()), error = function(e) {
      out$error <<- conditionMessage(e)
      NULL
    }),
    warning = function(w) {
      if (!grepl(noise, conditionMessage(w))) out$warnings <<- c(out$warnings, conditionMessage(w))
      invokeRestart("muffleWarning")
    })
  out
}

# parts: named pieces of the id; ...: the remaining fields of the record
keep <- function(des, statistic, call, args, parts, ran, ...) {
  design <- get(des, globalenv())
  spec <- c(design$spec, list(lonely_psu = getOption("survey.lonely.psu"),
                              adjust_domain_lonely = getOption("survey.adjust.domain.lonely"),
                              replicates = design$replicates))
  record <- list(id = paste(unlist(c(basename(getwd()), des, statistic, parts)), collapse = "/"),
                 call = if (is.character(call)) call else text_of(call),
                 data = design$file, design = spec, statistic = statistic, args = args,
                 df = degf(design), warnings = array_of(unique(ran$warnings)), error = ran$error, ...)
  stopifnot(all(names(record) %in% fields))
  records[[length(records) + 1]] <<- setNames(lapply(fields, function(f) record[[f]]), fields)
}

# keep() with the numbers of an estimate added
keep_numbers <- function(numbers, ...) do.call(keep, c(list(...), numbers), quote = TRUE)

finish <- function() {
  ids <- vapply(records, `[[`, "", "id")
  stopifnot(!anyDuplicated(ids))
  lines <- vapply(records, toJSON, "", digits = NA, auto_unbox = TRUE, null = "null", na = "null")
  writeLines(c("[", paste0(lines, rep(c(",", ""), c(length(lines) - 1, 1))), "]"), "output.json")
  version <- function(package) paste(package, packageDescription(package)$Version)
  writeLines(c(paste("R", getRversion()), version("survey"), version("jsonlite")), "versions.txt")
}

# ---- domains -----------------------------------------------------------------------------------

condition <- function(where) {
  one <- function(column, values) {
    call(if (length(values) == 1) "==" else "%in%", as.name(column), values)
  }
  Reduce(function(a, b) call("&", a, b), Map(one, names(where), where))
}

# complete: columns whose missing rows leave the domain too, where na.rm = TRUE does not work
domain <- function(des, where, complete = NULL) {
  known <- lapply(complete, function(column) {
    if (anyNA(get(des, globalenv())$variables[[column]])) bquote(!is.na(.(as.name(column))))
  })
  parts <- Filter(Negate(is.null), c(if (!is.null(where)) condition(where), known))
  if (!length(parts)) return(as.name(des))
  call("subset", as.name(des), Reduce(function(a, b) call("&", a, b), parts))
}

where_id <- function(where) {
  if (is.null(where)) return(NULL)
  paste0(names(where), "=", vapply(where, paste, "", collapse = "+"), collapse = "&")
}

# Degrees of freedom of a domain: degf of the subset that holds it, without rows that miss a value
df_of <- function(des, where, complete = NULL) degf(eval(domain(des, where, complete), globalenv()))

levels_of <- function(des, column) {
  values <- get(des, globalenv())$variables[[column]]
  if (is.factor(values)) levels(values) else NULL
}

# Groups of `by`, as where-lists, in the order of svyby
groups_of <- function(des, by) {
  data <- get(des, globalenv())$variables[by]
  grid <- expand.grid(lapply(data, function(x) levels(as.factor(x))), stringsAsFactors = FALSE)
  seen <- do.call(paste, c(lapply(data, as.character), sep = "\r"))
  grid <- grid[do.call(paste, c(grid, sep = "\r")) %in% seen, , drop = FALSE]
  lapply(seq_len(nrow(grid)), function(i) lapply(grid[i, , drop = FALSE], value_of))
}

# ---- estimates ---------------------------------------------------------------------------------

# df: of each number's domain; confint of svyby takes one df for all, and by itself an infinite one
numbers <- function(x, df, level = .95) {
  if (is.null(x)) return(list())
  if (inherits(x, "svrepvar")) x <- structure(c(x), names = "variance", var = attr(x, "var"),
                                              class = "svrepstat")
  reach <- suppressWarnings(qt((1 + level) / 2, df)) * as.vector(unlist(SE(x)))
  joint <- !inherits(x, "svyby") || !is.null(attr(x, "var")) # svyby of svyvar has no covariances
  list(estimate = array_of(coef(x)), se = array_of(unlist(SE(x))),
       vcov = if (joint) matrix_of(vcov(x)),
       ci_low = array_of(as.vector(coef(x)) - reach), ci_high = array_of(as.vector(coef(x)) + reach),
       domain_df = array_of(rep_len(df, length(reach))))
}

# mean, proportion, total, count (total of each level), ratio or variance; deff: NULL, TRUE, "replace"
estimate <- function(des, statistic, variable, by = NULL, where = NULL, denominator = NULL,
                     deff = NULL, level = .95, parts = NULL) {
  fun <- as.name(c(mean = "svymean", proportion = "svymean", total = "svytotal", count = "svytotal",
                   ratio = "svyratio", variance = "svyvar")[[statistic]])
  options <- list(na.rm = TRUE)
  if (!is.null(deff)) options$deff <- deff
  if (statistic == "ratio" || !is.null(by) && statistic != "variance") options$covmat <- TRUE
  formula <- reformulate(variable)
  lower <- if (is.null(denominator)) NULL else reformulate(denominator)
  call <- if (is.null(by)) {
    as.call(c(list(fun, formula), if (!is.null(lower)) list(lower), list(domain(des, where)), options))
  } else {
    # svyby(covmat = TRUE, na.rm = TRUE) stops in survey 4.1-1 when a value is missing
    as.call(c(list(quote(svyby), formula, reformulate(by),
                   domain(des, where, complete = c(variable, denominator)), fun),
              if (!is.null(lower)) list(denominator = lower), options))
  }
  ran <- run(call)
  labels <- if (statistic == "ratio") {
    pairs <- expand.grid(numerator = variable, denominator = denominator, stringsAsFactors = FALSE)
    lapply(seq_len(nrow(pairs)), function(i) as.list(pairs[i, ]))
  } else if (statistic %in% c("proportion", "count")) {
    lapply(levels_of(des, variable), function(v) list(level = value_of(v)))
  } else {
    lapply(variable, function(v) list(variable = v))
  }
  keys <- labels
  complete <- c(variable, denominator)
  df <- df_of(des, where, complete)
  if (!is.null(by)) {
    seen <- if (is.null(ran$value)) list() else lapply(seq_len(nrow(ran$value)), function(i) {
      lapply(as.data.frame(ran$value)[i, by, drop = FALSE], value_of)
    })
    keys <- do.call(c, lapply(labels, function(label) lapply(seen, c, label)))
    df <- rep(vapply(seen, function(group) df_of(des, c(where, group), complete), 0), length(labels))
  }
  effects <- if (is.null(deff) || is.null(ran$value)) NULL else array_of(unlist(deff(ran$value)))
  name <- if (is.null(deff)) statistic else paste0(statistic, "_deff")
  method <- if (is.null(deff)) NULL else if (isTRUE(deff)) "without" else deff
  keep_numbers(
    numbers(ran$value, df, level), des, name, call,
    args = list(variable = I(variable), denominator = array_of(denominator), by = array_of(by),
                where = dict_of(where), level = level, method = method),
    parts = list(variable, denominator, by, where_id(where), method, if (level != .95) level, parts),
    ran = ran, keys = I(keys), deff = effects)
}

# Variances and covariances of two variables as one svystat, so that svycontrast takes it
covariances <- function(x, names) {
  if (inherits(x, "svrepvar")) x <- structure(c(x), var = attr(x, "var"), class = "svrepstat")
  else x <- structure(c(unclass(x)), var = attr(x, "var"), class = "svystat", statistic = "variance")
  attr(x, "dim") <- NULL
  names(x) <- c("xx", "xy", "yx", "yy")
  attr(x, "var") <- unname(attr(x, "var"))
  x
}

covariance <- function(des, x, y, where = NULL) {
  call <- bquote(covariances(svyvar(.(reformulate(c(x, y))), .(domain(des, where)))))
  ran <- run(call)
  df <- df_of(des, where, c(x, y))
  args <- list(variable = I(c(x, y)), where = dict_of(where), level = .95)
  parts <- list(x, y, where_id(where))
  pairs <- list(c(x, x), c(x, y), c(y, x), c(y, y))
  keep_numbers(numbers(ran$value, df), des, "covariance", call, args, parts, ran,
               keys = I(lapply(pairs, function(p) list(row = p[1], column = p[2]))))
  call <- bquote(svycontrast(.(call), quote(xy / sqrt(xx * yy))))
  ran <- run(call)
  keep_numbers(numbers(ran$value, df), des, "correlation", call, args, parts, ran,
               keys = I(list(list(row = x, column = y))))
}

quantiles <- function(des, variable, by = NULL, where = NULL, probs = c(.1, .25, .5, .75, .9),
                      interval = "mean", qrule = "math", level = .95) {
  groups <- if (is.null(by)) list(NULL) else groups_of(des, by)
  calls <- lapply(groups, function(group) {
    bquote(svyquantile(.(reformulate(variable)), .(domain(des, c(where, group))), .(probs),
                       alpha = .(1 - level), interval.type = .(interval), qrule = .(qrule),
                       df = .(df_of(des, c(where, group), variable)), na.rm = TRUE))
  })
  ran <- lapply(calls, run)
  rows <- do.call(rbind, lapply(ran, function(r) {
    if (is.null(r$value)) matrix(NA_real_, length(probs), 4) else unname(r$value[[variable]])
  }))
  errors <- unique(unlist(lapply(ran, `[[`, "error")))
  keep(des, "quantile", paste(vapply(calls, text_of, ""), collapse = "; "),
       args = list(variable = I(variable), by = array_of(by), where = dict_of(where),
                   probs = I(probs), method = interval, qrule = qrule, level = level),
       parts = list(variable, by, where_id(where), interval, qrule, if (level != .95) level),
       ran = list(warnings = unlist(lapply(ran, `[[`, "warnings")), error = errors),
       keys = I(do.call(c, lapply(groups, function(g) lapply(probs, function(p) c(g, prob = p))))),
       estimate = array_of(rows[, 1]), se = array_of(rows[, 4]),
       ci_low = array_of(rows[, 2]), ci_high = array_of(rows[, 3]))
}

# ---- intervals for a proportion ----------------------------------------------------------------

ciprop_methods <- c("logit", "likelihood", "asin", "beta", "mean", "xlogit", "wilson")

# survey 4.1-1 has no method "wilson": Wilson's interval with n_eff = p (1 - p) / v and t for z
svyciprop_wilson <- function(formula, design, level, df = degf(design)) {
  m <- eval(bquote(svymean(~as.numeric(.(formula[[2]])), design)))
  p <- as.vector(coef(m))
  n <- p * (1 - p) / as.vector(vcov(m))
  z <- qt((1 + level) / 2, df)
  half <- z * sqrt(p * (1 - p) / n + z^2 / (4 * n^2))
  structure(p, var = vcov(m), ci = (p + z^2 / (2 * n) + c(-half, half)) / (1 + z^2 / n),
            class = "svyciprop")
}

# event: list(column = values); df is that of the domain, as by R itself; "likelihood" and "beta" keep in `extra` what explains R's number
ciprop <- function(des, event, where = NULL, methods = ciprop_methods, level = .95) {
  sub <- eval(domain(des, where, names(event)), globalenv())
  df <- degf(sub)
  for (method in methods) {
    formula <- as.call(list(as.name("~"), call("I", condition(event))))
    call <- if (method == "wilson") {
      bquote(svyciprop_wilson(.(formula), .(domain(des, where, names(event))), level = .(level)))
    } else {
      bquote(svyciprop(.(formula), .(domain(des, where, names(event))), method = .(method),
                       level = .(level)))
    }
    ran <- run(call)
    ci <- attr(ran$value, "ci")
    p <- as.vector(ran$value)
    se <- if (is.null(ran$value)) NULL else as.vector(SE(ran$value))
    extra <- switch(method,
      beta = list(n = nrow(sub), n_eff = p * (1 - p) / se^2 *
                    (qt((1 - level) / 2, nrow(sub) - 1) / qt((1 - level) / 2, degf(sub)))^2,
                  df_used = degf(sub)),
      likelihood = exact_likelihood(formula, sub, level, df))
    keep(des, "ciprop", call,
         args = list(event = dict_of(event), where = dict_of(where), method = method, level = level,
                     df_used = df),
         parts = list(where_id(event), where_id(where), method, if (level != .95) level),
         ran = ran, keys = I(list(structure(list(), names = character()))),
         estimate = array_of(p), se = array_of(se),
         ci_low = array_of(ci[1]), ci_high = array_of(ci[2]), extra = extra)
  }
}

# R interpolates the profile on a coarse grid; these are the roots of the equation it approximates
exact_likelihood <- function(formula, sub, level, df) {
  fit <- suppressWarnings(eval(bquote(svyglm(.(formula[[2]]) ~ 1, sub, family = quasibinomial))))
  p <- mean(fitted(fit))
  cut <- qt((1 - level) / 2, df)^2 * fit$cov.unscaled[1] / fit$naive.cov[1]
  gap <- function(q) {
    2 * sum(weights(fit, "prior")) * (p * log(p / q) + (1 - p) * log((1 - p) / (1 - q))) /
      summary(fit)$dispersion[1] - cut
  }
  # with few degrees of freedom the deviance may not reach the cut before 0 or 1
  root <- function(range) tryCatch(uniroot(gap, range, tol = 1e-15)$root, error = function(e) NA)
  list(exact_ci_low = root(c(p * 1e-9, p)), exact_ci_high = root(c(p, 1 - (1 - p) * 1e-9)))
}

# ---- tests -------------------------------------------------------------------------------------

chisq_statistics <- c("F", "Chisq", "Wald", "adjWald", "lincom", "saddlepoint")

chisq <- function(des, rows, columns, where = NULL, statistics = chisq_statistics) {
  for (s in statistics) {
    call <- bquote(svychisq(.(reformulate(c(rows, columns))), .(domain(des, where)), statistic = .(s)))
    ran <- run(call)
    test <- ran$value
    keep(des, "chisq", call,
         args = list(rows = rows, columns = columns, where = dict_of(where), method = s),
         parts = list(rows, columns, where_id(where), s), ran = ran, keys = I(list()),
         value = as.vector(test$statistic), df_test = array_of(test$parameter),
         p_value = as.vector(test$p.value))
  }
}

gof <- function(des, variable, p) {
  call <- bquote(svygofchisq(.(reformulate(variable)), .(p), .(as.name(des))))
  ran <- run(call)
  test <- ran$value
  keep(des, "gof", call, args = list(variable = I(variable), p = I(p)), parts = list(variable),
       ran = ran, keys = I(list()), value = as.vector(test$statistic),
       df_test = array_of(test$parameter["df"]), p_value = as.vector(test$p.value),
       extra = list(scale = as.vector(test$parameter["scale"]), lambda = array_of(test$lambda)))
}

# group: two-sample; minus: paired; mu: one-sample
ttest <- function(des, variable, group = NULL, minus = NULL, mu = NULL, where = NULL) {
  x <- as.name(variable)
  left <- if (!is.null(minus)) bquote(I(.(x) - .(as.name(minus))))
          else if (!is.null(mu)) bquote(I(.(x) - .(mu))) else x
  right <- if (is.null(group)) 0 else as.name(group)
  call <- bquote(svyttest(.(as.call(list(as.name("~"), left, right))), .(domain(des, where))))
  ran <- run(call)
  test <- ran$value
  keep(des, "ttest", call,
       args = list(variable = I(variable), group = group, minus = minus, mu = mu,
                   where = dict_of(where), level = .95),
       parts = list(variable, group, minus, mu, where_id(where)), ran = ran, keys = I(list()),
       estimate = array_of(test$estimate), se = array_of(test$estimate / test$statistic),
       ci_low = array_of(test$conf.int[1]), ci_high = array_of(test$conf.int[2]),
       value = as.vector(test$statistic), df_test = array_of(test$parameter),
       p_value = as.vector(test$p.value),
       extra = if (is.null(group)) at_design_df(test, degf(eval(domain(des, where), globalenv()))))
}

# svyttest of one sample takes degf - 1 in survey 4.1-1; the same test with degf
at_design_df <- function(test, df) {
  mean <- as.vector(test$estimate)
  t <- as.vector(test$statistic)
  half <- qt(.975, df) * abs(mean / t)
  list(df = df, ci_low = mean - half, ci_high = mean + half, p_value = 2 * pt(-abs(t), df))
}

# the test of equal means in groups: the coefficients of the groups in a regression on them
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

ranktest <- function(des, variable, group, where = NULL,
                     tests = c("wilcoxon", "vanderWaerden", "median", "KruskalWallis")) {
  for (t in tests) {
    formula <- as.formula(paste(variable, "~", group))
    call <- bquote(svyranktest(.(formula), .(domain(des, where)), test = .(t)))
    ran <- run(call)
    test <- ran$value
    several <- !is.null(test$ddf) # R 4.1-1 keeps the statistic in `parameter` for several groups
    keep(des, "ranktest", call,
         args = list(variable = I(variable), group = group, where = dict_of(where), method = t),
         parts = list(variable, group, where_id(where), t), ran = ran, keys = I(list()),
         estimate = if (several) NULL else array_of(test$estimate),
         value = as.vector(if (several) test$parameter else test$statistic),
         df_test = array_of(if (several) c(test$statistic, test$ddf) else test$parameter),
         p_value = as.vector(test$p.value))
  }
}

# contrasts of domain means (by given) or of the means or totals of several variables
# weights: list(name = c(label = weight)); expression: text in the labels
contrasts_of <- function(des, of, variable, by = NULL, weights = NULL, expression = NULL) {
  fun <- as.name(c(mean = "svymean", total = "svytotal")[[of]])
  inner <- if (is.null(by)) bquote(.(fun)(.(reformulate(variable)), .(as.name(des))))
           else bquote(svyby(.(reformulate(variable)), .(reformulate(by)),
                             .(domain(des, NULL, complete = variable)), .(fun), covmat = TRUE))
  how <- if (is.null(expression)) weights else call("quote", parse(text = expression)[[1]])
  call <- bquote(svycontrast(.(inner), .(how)))
  ran <- run(call)
  labels <- if (is.null(expression)) names(weights) else "contrast"
  used <- if (is.null(expression)) lapply(weights, names) else list(all.vars(parse(text = expression)))
  together <- function(groups) if (!is.null(by)) setNames(list(groups), by) # all groups that enter it
  df <- vapply(used, function(groups) df_of(des, together(groups), variable), 0)
  keep_numbers(
    numbers(ran$value, unname(df)), des, "contrast", call,
    args = list(of = of, variable = I(variable), by = by,
                weights = if (!is.null(weights)) lapply(weights, as.list),
                expression = expression, level = .95),
    parts = list(of, variable, by, if (is.null(expression)) labels else expression), ran = ran,
    keys = I(lapply(labels, function(x) list(contrast = x))))
}

# An arbitrary statistic of the columns and `.weights`, by replicate weights
with_replicates <- function(des, name, expression) {
  call <- bquote(withReplicates(.(as.name(des)), quote(.(parse(text = expression)[[1]]))))
  ran <- run(call)
  keep_numbers(
    numbers(structure(ran$value, names = name), degf(get(des, globalenv()))),
    des, "with_replicates", call, args = list(name = name, expression = expression, level = .95),
    parts = list(name), ran = ran, keys = I(list(list(statistic = name))))
}
