# Differences of shares between columns that share respondents, with the exact covariance of the design
suppressPackageStartupMessages({
  library(survey)
  library(jsonlite)
})
invisible(Sys.setlocale("LC_COLLATE", "C"))
set.seed(20261126)
n <- 1200
d <- data.frame(stratum = rep(1:4, each = n / 4), psu = rep(1:60, each = n / 60), w = round(runif(n, .4, 2.5), 3))
effect <- rnorm(60, 0, .5)[d$psu]
for (brand in c("one", "two", "six")) d[[brand]] <- rbinom(n, 1, plogis(effect + c(one = .2, two = -.3, six = -.8)[[brand]]))
d$trust <- rbinom(n, 1, plogis(.3 + effect + .4 * d$one - .3 * d$two))
d$score <- round(5 + effect + .5 * d$one + rnorm(n), 2)
write.csv(d, "data.csv", row.names = FALSE, quote = FALSE)

differences <- function(d, outcome, ids, strata) {
  for (brand in c("one", "two", "six")) d[[paste0("y", brand)]] <- d[[brand]] * d[[outcome]]
  des <- svydesign(ids = ids, strata = strata, weights = ~w, nest = TRUE, data = d)
  totals <- svytotal(~one + two + six + yone + ytwo + ysix, des)
  pairs <- list(c("one", "two"), c("one", "six"), c("two", "six"))
  expressions <- lapply(pairs, function(p) parse(text = sprintf("y%s / %s - y%s / %s", p[1], p[1], p[2], p[2]))[[1]])
  found <- lapply(expressions, function(e) eval(bquote(svycontrast(totals, quote(.(e))))))
  list(pairs = lapply(pairs, function(p) paste(p, collapse = " ")),
       difference = sapply(found, coef), se = sapply(found, SE), df = degf(des))
}
# each column against whoever is in another column and not in it
against_rest <- function(d, outcome) {
  brands <- c("one", "two", "six")
  found <- lapply(brands, function(brand) {
    d$own <- d[[brand]]
    d$rest <- as.numeric(rowSums(d[setdiff(brands, brand)]) > 0 & d[[brand]] == 0)
    d$yown <- d$own * d[[outcome]]
    d$yrest <- d$rest * d[[outcome]]
    des <- svydesign(ids = ~psu, strata = ~stratum, weights = ~w, nest = TRUE, data = d)
    svycontrast(svytotal(~own + rest + yown + yrest, des), quote(yown / own - yrest / rest))
  })
  list(pairs = brands, difference = sapply(found, coef), se = sapply(found, SE))
}
output <- list(
  clustered_share = differences(d, "trust", ~psu, ~stratum),
  clustered_mean = differences(d, "score", ~psu, ~stratum),
  rows_share = differences(d, "trust", ~1, ~stratum),
  rest_share = against_rest(d, "trust"),
  rest_mean = against_rest(d, "score")
)
writeLines(toJSON(output, digits = NA, auto_unbox = TRUE), "output.json")
version <- function(package) paste(package, packageDescription(package)$Version)
writeLines(c(paste("R", getRversion()), sapply(c("survey", "jsonlite"), version)), "versions.txt")
