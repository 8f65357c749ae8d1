# Sampling with unequal probabilities without replacement: Brewer, Overton, Hartley-Rao, joint probabilities
source("../common.R")

data(election, package = "survey")
sample <- data.frame(id = seq_len(40), election_pps[c("Bush", "Kerry", "Nader", "votes", "p", "wt")],
                     won = ifelse(election_pps$Bush > election_pps$Kerry, "Bush", "Kerry"))
sample$region <- ifelse(sample$p > median(sample$p), 1, 2)
sample$share <- signif(100 * sample$Bush / sample$votes, 12)
sample$group <- c("a", "b", "c")[seq_len(40) %% 3 + 1]
write.csv(format(sample, digits = 17, trim = TRUE), "election.csv", row.names = FALSE, quote = FALSE)
write.table(format(election_jointprob, digits = 17, trim = TRUE), "joint.csv", sep = ",", row.names = FALSE,
            col.names = FALSE, quote = FALSE)
# one to three rows a county, in the order of the counties' labels: with "brewer", survey 4.1-1 mixes up the
# probabilities of PSUs that stand in another order
wards <- sample[rep(seq_len(40), 1 + seq_len(40) %% 3), c("id", "p", "region", "group")]
wards$id <- sprintf("c%02d", wards$id)
wards$trusting <- (seq_len(nrow(wards)) * 37) %% 101
wards$asked <- 40 + (seq_len(nrow(wards)) * 53) %% 89
write.csv(format(wards, digits = 17, trim = TRUE), "wards.csv", row.names = FALSE, quote = FALSE)
sample <- read_case("election.csv")
wards <- read_case("wards.csv")
squares <- sum(election$p^2) / 40

pps_case <- function(pps, spec, strata = NULL, variance = "HT") {
  des <- svydesign(id = ~id, strata = tilde(strata), fpc = ~p, data = sample, pps = pps, variance = variance)
  des$file <- "election.csv"
  des$spec <- list(weights = NULL, strata = strata, psu = NULL, fpc = NULL, nest = FALSE,
                   pps = c(spec, list(probabilities = "p")))
  des
}
yates <- list(variance = "yates-grundy")
brewer <- pps_case("brewer", list(method = "brewer"))
brewer_strata <- pps_case("brewer", list(method = "brewer"), strata = "region")
overton <- pps_case("overton", list(method = "overton"))
overton_strata <- pps_case("overton", list(method = "overton"), strata = "region")
overton_yg <- pps_case("overton", c(list(method = "overton"), yates), variance = "YG")
hr <- pps_case(HR(squares), list(method = "hartley-rao", sum_of_squares = squares))
hr_sample <- pps_case(HR(), list(method = "hartley-rao"))
hr_yg <- pps_case(HR(squares), c(list(method = "hartley-rao", sum_of_squares = squares), yates), variance = "YG")
joint <- pps_case(ppsmat(election_jointprob), list(method = "joint"))
joint_yg <- pps_case(ppsmat(election_jointprob), c(list(method = "joint"), yates), variance = "YG")

for (d in c("brewer", "brewer_strata", "overton", "overton_strata", "overton_yg", "hr", "hr_sample", "hr_yg",
            "joint", "joint_yg")) {
  # with "brewer", svytotal of several variables and svyby with covariances stop in survey 4.1-1; with the others,
  # svyby takes groups as independent (ttest and oneway do not)
  several <- !startsWith(d, "brewer")
  for (votes in if (several) list(c("Bush", "Kerry", "Nader")) else c("Bush", "Kerry", "Nader")) {
    estimate(d, "total", votes)
  }
  estimate(d, "mean", "Bush")
  estimate(d, "total", "votes", where = list(won = "Bush"))
  estimate(d, "mean", "votes", where = list(won = "Kerry"))
  estimate(d, "ratio", "Bush", denominator = "votes")
  estimate(d, "proportion", "won")
  quantiles(d, "votes", probs = c(.25, .5, .75))
  quantiles(d, "votes", where = list(won = "Bush"), probs = .5)
  chisq(d, "won", "group")
  ttest(d, "share", group = "won")
  ttest(d, "Bush", minus = "Kerry")
  oneway(d, "share", "group")
  if (several) {
    estimate(d, "total", "votes", by = "won")
    contrasts_of(d, "total", c("Bush", "Kerry"), weights = list(Bush_Kerry = c(Bush = 1, Kerry = -1)))
    contrasts_of(d, "total", c("Bush", "Kerry"), expression = "Bush/Kerry")
  }
}

wards_case <- function(pps, strata = NULL) {
  des <- svydesign(id = ~id, strata = tilde(strata), fpc = ~p, data = wards, pps = pps)
  des$file <- "wards.csv"
  des$spec <- list(weights = NULL, strata = strata, psu = "id", fpc = NULL, nest = FALSE,
                   pps = list(method = pps, probabilities = "p"))
  des
}
wards_brewer <- wards_case("brewer")
wards_brewer_strata <- wards_case("brewer", strata = "region")
wards_overton <- wards_case("overton")
for (d in c("wards_brewer", "wards_brewer_strata", "wards_overton")) {
  estimate(d, "total", "trusting")
  estimate(d, "mean", "trusting")
  # with "overton", subset() of a design with several rows a PSU stops in survey 4.1-1
  if (d != "wards_overton") estimate(d, "mean", "trusting", where = list(group = "a"))
  estimate(d, "ratio", "trusting", denominator = "asked")
}
finish()
