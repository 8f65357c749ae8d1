# A domain in which nobody gives an answer, beside a domain with a lonely PSU, under each survey.lonely.psu
source("../common.R")

if (!file.exists("data.csv")) {
  set.seed(20240917)
  n <- 120
  made <- data.frame(region = rep(c("North", "South", "East"), each = 40),
                     stratum = rep(1:6, each = 20), psu = rep(rep(1:4, each = 5), 6),
                     w = round(runif(n, .5, 2), 3))
  made$said <- ifelse(made$region != "East" & runif(n) < .3, "yes", "no")
  made$psu[made$stratum == 3] <- 1
  write.csv(made, "data.csv", row.names = FALSE, quote = FALSE)
}

data <- read_case()
for (lonely in c("remove", "certainty", "adjust", "average")) {
  options(survey.lonely.psu = lonely)
  des <- linear_design(data, weights = "w", strata = "stratum", psu = "psu", nest = TRUE)
  estimate("des", "proportion", "said", parts = lonely)
  estimate("des", "proportion", "said", by = "region", parts = lonely)
  estimate("des", "proportion", "said", where = list(region = "East"), parts = lonely)
}

finish()
