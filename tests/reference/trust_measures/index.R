# Two indices of three items that some schools did not answer, by hand and by group.
# Data: ../apistrat/data.csv. Writes index.json here; the versions are those of reference.R.

suppressPackageStartupMessages({
  library(survey)
  library(jsonlite)
})
schools <- read.csv("../apistrat/data.csv", na.strings = "", stringsAsFactors = TRUE)
row <- seq_len(nrow(schools))
schools$one <- ifelse(row %% 7 == 0, NA, 100 * (schools$api00 > 700))
schools$two <- ifelse(row %% 5 == 0, NA, schools$meals)
schools$three <- ifelse(row %% 35 == 0 | row %% 3 == 0, NA, 100 - schools$ell)
schools$own <- rowMeans(schools[c("one", "two", "three")], na.rm = TRUE)
schools$own[is.nan(schools$own)] <- NA
for (name in c("one", "two", "three")) {
  schools[[paste0("n_", name)]] <- as.numeric(!is.na(schools[[name]]))
  schools[[paste0("y_", name)]] <- ifelse(is.na(schools[[name]]), 0, schools[[name]])
}
des <- svydesign(ids = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = schools)
index <- function(d) {
  people <- svymean(~own, d, na.rm = TRUE)
  sums <- svytotal(~n_one + n_two + n_three + y_one + y_two + y_three, d)
  items <- svycontrast(sums, quote((y_one / n_one + y_two / n_two + y_three / n_three) / 3))
  list(respondents = list(estimate = unname(coef(people)), se = unname(SE(people)[1]),
                          n = sum(!is.na(d$variables$own) & weights(d) > 0)),
       items = list(estimate = unname(coef(items)), se = unname(SE(items)[1])))
}
high <- subset(des, stype == "H")
write_json(list(all = index(des), high = index(high)), "index.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
