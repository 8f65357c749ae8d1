# R survey at work: the counterpart of peers.py. Reads names of tasks, writes seconds and numbers.
# Rscript speed.R <folder> <clustered|unclustered>

if (!suppressWarnings(suppressMessages(require(survey, quietly = TRUE)))) {
  cat("missing package survey\n")
  quit(status = 0)
}
given <- commandArgs(trailingOnly = TRUE)
folder <- given[1]
clustered <- given[2] == "clustered"
coded <- c("answer", "country", "age", "sex")

frame <- read.csv(file.path(folder, "respondents.csv"), colClasses = c(
  answer = "factor", country = "factor", income = "numeric", weight = "numeric",
  stratum = "integer", psu = "integer", chance = "numeric", age = "factor", sex = "factor"
))
# Labels in the order of their bytes, as the other peers sort them.
for (name in coded) frame[[name]] <- factor(frame[[name]], levels = sort(levels(frame[[name]]), method = "radix"))
multipliers <- as.matrix(read.csv(file.path(folder, "multipliers.csv")))
margins <- strsplit(readLines(file.path(folder, "margins.txt")), "\t")

make <- function() {
  if (clustered) {
    svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = frame, nest = TRUE)
  } else {
    svydesign(ids = ~1, strata = ~stratum, weights = ~weight, data = frame)
  }
}
design <- make()

rake_weights <- function() {
  total <- sum(frame$weight)
  names <- unique(vapply(margins, `[`, "", 1))
  population <- lapply(names, function(name) {
    rows <- Filter(function(row) row[1] == name, margins)
    setNames(
      data.frame(vapply(rows, `[`, "", 2), total * as.numeric(vapply(rows, `[`, "", 3))),
      c(name, "Freq")
    )
  })
  formulas <- lapply(names, function(name) as.formula(paste0("~", name)))
  rake(design, formulas, population, control = list(maxit = 100, epsilon = 1e-8 * total))
}

wide <- NULL
widen <- function() {
  if (is.null(wide)) wide <<- multipliers[frame$stratum * 20 + frame$psu + 1, ]
}
make_replicated <- function() {
  svrepdesign(
    weights = ~weight, repweights = wide, data = frame, type = "bootstrap",
    combined.weights = FALSE, scale = 1 / (ncol(multipliers) - 1), rscales = 1
  )
}
replicated <- NULL
replicate_once <- function() {
  widen()
  if (is.null(replicated)) replicated <<- make_replicated()
}

# with "brewer", survey 4.1-1 mixes up the probabilities of PSUs that are not in the order of their labels
in_order <- NULL
put_in_order <- function() {
  if (is.null(in_order)) in_order <<- frame[order(paste(frame$stratum, frame$psu, sep = ".")), ]
}

by_domain <- function(found) {
  half <- (ncol(found) - 1) / 2
  c(t(as.matrix(found[, 1 + seq_len(half)])), t(as.matrix(found[, 1 + half + seq_len(half)])))
}

# Each task: what to time, how to read numbers off it, and what is made once before, untimed.
tasks <- list(
  design = list(make, function(found) numeric(0)),
  proportion = list(function() svyby(~answer, ~country, design, svymean), by_domain),
  crosstab = list(
    function() list(svytable(~ answer + country, design), svychisq(~ answer + country, design)),
    function(found) c(found[[2]]$statistic, found[[2]]$parameter)
  ),
  test = list(
    function() svychisq(~ answer + country, design), function(found) c(found$statistic, found$parameter)
  ),
  mean = list(function() svyby(~income, ~country, design, svymean), by_domain),
  median = list(function() svyquantile(~income, design, 0.5), function(found) as.vector(found[[1]])),
  pps = list(
    function() {
      sampled <- svydesign(
        ids = ~psu, strata = ~stratum, fpc = ~chance, data = in_order, nest = TRUE, pps = "brewer"
      )
      svyby(~income, ~country, sampled, svymean)
    },
    by_domain, put_in_order
  ),
  raking = list(rake_weights, function(found) head(weights(found), 1000)),
  `replicate design` = list(make_replicated, function(found) numeric(0), widen),
  replicates = list(
    function() svyby(~answer, ~country, replicated, svymean), by_domain, replicate_once
  )
)

cat("ready R ", as.character(getRversion()), ", survey ", as.character(packageVersion("survey")), "\n", sep = "")
flush(stdout())
input <- file("stdin", "r")
while (length(name <- readLines(input, n = 1)) == 1) {
  task <- tasks[[name]]
  answer <- "absent"
  if (!is.null(task)) {
    answer <- tryCatch(
      {
        if (length(task) == 3) task[[3]]()
        began <- proc.time()[["elapsed"]]
        found <- task[[1]]()
        seconds <- proc.time()[["elapsed"]] - began
        paste(format(c(seconds, task[[2]](found)), digits = 15, trim = TRUE, scientific = TRUE), collapse = " ")
      },
      error = function(error) paste("failed", gsub("\n", " ", conditionMessage(error)))
    )
  }
  cat(answer, "\n", sep = "")
  flush(stdout())
}
