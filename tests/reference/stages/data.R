# Writes the data files of this case. Run once, from this folder: Rscript data.R
suppressPackageStartupMessages(library(survey))
RNGversion("4.2.0")
set.seed(20251125)
data(mu284)
data(api)
mu284$size <- ifelse(mu284$y1 > 40, "large", "small")
write.csv(mu284, "mu284.csv", row.names = FALSE, quote = FALSE)
keep <- c("dnum", "snum", "fpc1", "fpc2", "pw", "stype", "sch.wide", "api00", "api99", "enroll", "ell")
write.csv(apiclus2[keep], "apiclus2.csv", row.names = FALSE, quote = FALSE, na = "")

# made-up respondents: regions x towns x (old or new) streets x homes, with a population size at each stage
three <- expand.grid(person = 1:3, home = 1:3, street = 1:4, town = 1:3, region = c("north", "south"))
three$age <- ifelse(three$street <= 2, "old", "new")
three$towns <- ifelse(three$region == "north", 8, 5)
three$streets <- ifelse(three$age == "old", 6, 3) + three$town
three$homes <- 6 + three$street
three <- three[!(three$home == 3 & three$person == 3) & runif(nrow(three)) < .9, ]
sampled <- function(unit, ...) ave(as.numeric(as.factor(unit)), ..., FUN = function(x) length(unique(x)))
three$weight <- with(three, towns / sampled(town, region) * streets / sampled(street, region, town, age) *
                       homes / sampled(home, region, town, street))
effect <- function(...) {
  unit <- do.call(paste, three[c(...)])
  unname(rnorm(length(unique(unit)))[match(unit, unique(unit))])
}
three$trust <- round(5 + effect("region", "town") + effect("region", "town", "street") +
                       effect("region", "town", "street", "home") + rnorm(nrow(three)), 2)
three$spend <- round(exp(three$trust / 4), 2)
three$answer <- ifelse(three$trust > 5.5, "yes", "no")
three$group <- sample(c("a", "b", "c"), nrow(three), TRUE)
three$trust[sample(nrow(three), 5)] <- NA
three$home <- with(three, paste0(street, "-", home))
three$weight <- signif(three$weight, 15)
write.csv(three, "three.csv", row.names = FALSE, quote = FALSE, na = "")
