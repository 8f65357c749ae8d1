# Writes every data file from R's survey package. Run once, from tests/reference: Rscript export.R
# Numbers are written with the fewest digits that read back to the same double.

suppressPackageStartupMessages({
  library(survey)
  library(jsonlite)
})
RNGversion("4.2.0")
set.seed(20240229)

shortest <- function(x) {
  if (!is.numeric(x)) return(as.character(x))
  write <- function(digits) formatC(x[known], digits = digits, format = "g", width = 1)
  known <- !is.na(x)
  text <- write(15)
  for (digits in 16:17) text <- ifelse(as.numeric(text) == x[known], text, write(digits))
  replace(rep(NA, length(x)), known, text)
}

export <- function(data, file) {
  data <- as.data.frame(lapply(data, as.vector), check.names = FALSE)
  text <- as.data.frame(lapply(data, shortest), check.names = FALSE)
  quoted <- which(vapply(text, function(x) any(grepl(",", x)), NA))
  write.csv(text, file, row.names = FALSE, na = "", quote = if (length(quoted)) quoted else FALSE)
  back <- read.csv(file, na.strings = "", check.names = FALSE)
  stopifnot(all.equal(back, data, tolerance = 0, check.attributes = FALSE))
}

for (name in c("api", "nhanes", "scd", "fpc", "hospital")) data(list = name, package = "survey")

school <- c("stype", "sch.wide", "comp.imp", "awards", "api00", "api99", "enroll", "api.stu", "meals",
            "ell", "mobility", "target", "avg.ed", "pw")
export(apisrs[c(school, "fpc")], "apisrs/data.csv")
export(apistrat[c(school, "fpc")], "apistrat/data.csv")
export(apiclus1[c(school, "dnum", "fpc")], "apiclus1/data.csv")
export(apiclus2[c(school, "dnum", "fpc1")], "apiclus2/data.csv")
export(nhanes, "nhanes/data.csv")
export(hospital[c("hospno", "oblevel", "weighta", "tothosp", "births")], "hospital/data.csv")
export(transform(fpc, fraction = nh / Nh, psu = paste0(stratid, "-", psuid)), "fpc/data.csv")

# scd: weight 1 as on its help page, 5/2 as sampled; the replicate weights of Levy and Lemeshow
repweights <- 2 * cbind(c(1, 0, 1, 0, 1, 0), c(1, 0, 0, 1, 0, 1), c(0, 1, 1, 0, 0, 1),
                        c(0, 1, 0, 1, 1, 0))
export(data.frame(scd, weight = 1, pw = 5 / 2, stations = 5, rep = repweights), "scd/data.csv")

# lonely: districts of apiclus2 in regions of four counties, three of which hold one district only
region <- function(county) (county - 1) %/% 4 + 1
districts <- tapply(apipop$dnum, region(apipop$cnum), function(x) length(unique(x)))
lonely <- transform(apiclus2, region = region(cnum))
lonely$districts <- districts[as.character(lonely$region)]
export(lonely[c("region", "dnum", "districts", "pw", "stype", "sch.wide", "awards", "api00", "api99",
                "meals", "ell")], "lonely/data.csv")

# replicates: columns of analysis weights, and how R scales them
sets <- list()
add_set <- function(data, file, name, design, type, rho = NULL) {
  columns <- paste0(name, "_", seq_len(ncol(weights(design, "analysis"))))
  sets[[name]] <<- list(file = file, columns = columns, type = type, scale = as.vector(design$scale),
                        rscales = I(rep_len(as.vector(design$rscales), length(columns))), rho = rho)
  data[columns] <- weights(design, "analysis")
  data
}
keep <- setdiff(school, c("avg.ed", "target", "mobility"))

clus1 <- apiclus1[c(keep, "dnum", "fpc")]
des <- svydesign(ids = ~dnum, weights = ~pw, fpc = ~fpc, data = clus1)
made <- add_set(clus1, "apiclus1.csv", "jk1", as.svrepdesign(des, type = "JK1"), "JK1")
made <- add_set(made, "apiclus1.csv", "boot", as.svrepdesign(des, type = "bootstrap", replicates = 20),
                "bootstrap")
# successive differences over the districts in file order: rows h and h + 1 of a 16 x 16 Hadamard matrix
H <- 2 * hadamard(15) - 1
district <- match(clus1$dnum, unique(clus1$dnum))
factor_sdr <- 1 + 2^-1.5 * (H[district, ] - H[district + 1, ])
sdr <- svrepdesign(data = clus1, weights = ~pw, repweights = clus1$pw * factor_sdr,
                   type = "successive-difference")
made <- add_set(made, "apiclus1.csv", "sdr", sdr, "successive-difference")
export(made, "replicates/apiclus1.csv")

# eight strata of two PSUs, made from the row order of apistrat
strat <- apistrat[keep]
row <- seq_len(nrow(strat)) - 1
strat$stratum <- row %/% 25 + 1
strat$psu <- row %% 25 %/% 13 + 1
des <- svydesign(ids = ~psu, strata = ~stratum, weights = ~pw, nest = TRUE, data = strat)
made <- add_set(strat, "apistrat.csv", "jkn", as.svrepdesign(des, type = "JKn"), "JKn")
made <- add_set(made, "apistrat.csv", "brr", as.svrepdesign(des, type = "BRR"), "BRR")
made <- add_set(made, "apistrat.csv", "fay", as.svrepdesign(des, type = "Fay", fay.rho = .3), "Fay", .3)
made <- add_set(made, "apistrat.csv", "subboot",
                as.svrepdesign(des, type = "subbootstrap", replicates = 20), "bootstrap")
# JK2: in each stratum drop the first PSU and double the second
factor_jk2 <- sapply(1:8, function(h) ifelse(strat$stratum != h, 1, ifelse(strat$psu == 1, 0, 2)))
jk2 <- suppressWarnings(svrepdesign(data = strat, weights = ~pw, repweights = strat$pw * factor_jk2,
                                    type = "JK2"))
made <- add_set(made, "apistrat.csv", "jk2", jk2, "JK2")
export(made, "replicates/apistrat.csv")

# unequal rscales: a stratified jackknife with finite populations, once as JKn and once as "other"
hosp <- hospital[c("hospno", "oblevel", "weighta", "tothosp", "births")]
des <- svydesign(ids = ~hospno, strata = ~oblevel, weights = ~weighta, fpc = ~tothosp, data = hosp)
made <- add_set(hosp, "hospital.csv", "hjkn", as.svrepdesign(des, type = "JKn"), "JKn")
export(made, "replicates/hospital.csv")
sets$other <- sets$hjkn
sets$other$type <- "other"
sets$other$scale <- .5

writeLines(toJSON(sets, digits = NA, auto_unbox = TRUE, null = "null", pretty = TRUE),
           "replicates/sets.json")

# domains: schools of 12 counties, two districts of each, and groups of schools that sit in few of them
counties <- table(unique(apipop[apipop$stype == "E", c("cnum", "dnum")])$cnum)
chosen <- sample(as.integer(names(counties)[counties >= 5]), 12)
drawn <- do.call(rbind, lapply(seq_along(chosen), function(stratum) {
  county <- apipop[apipop$cnum == chosen[stratum], ]
  districts <- sample(unique(county$dnum), 2)
  do.call(rbind, lapply(seq_along(districts), function(psu) {
    district <- county[county$dnum == districts[psu], ]
    schools <- district[sample(nrow(district), min(nrow(district), 7)), ]
    cbind(schools, stratum = stratum, psu = psu,
          pw2 = length(unique(county$dnum)) / 2 * nrow(district) / nrow(schools))
  }))
}))
domains <- transform(drawn[setdiff(school, "pw")], stratum = drawn$stratum, psu = drawn$psu, pw = drawn$pw2)
n <- nrow(domains)
domains$zone <- c("a", "b", "b", "c", "c", "c")[(domains$stratum + 1) %/% 2]
first <- !duplicated(domains[c("stratum", "psu")])
domains$group <- ifelse(domains$stratum == 12 & first & domains$psu == 1, "one school",
                 ifelse(domains$stratum == 11 & domains$psu == 2, "one district",
                 ifelse(domains$stratum %in% 9:10 & domains$psu == 1, "two strata",
                 ifelse(domains$stratum <= 2, "four districts", "rest"))))
domains$answer <- ifelse(runif(n) < .5, "yes", "no")
domains$answer[domains$stratum %in% 7:12] <- NA # nobody of half of the strata was asked
domains$score <- replace(domains$api00, domains$stratum %in% c(1, 3, 5) & domains$psu == 2, NA)
des <- svydesign(ids = ~psu, strata = ~stratum, weights = ~pw, nest = TRUE, data = domains)
for (type in c("JKn", "BRR", "subbootstrap")) {
  made <- if (type == "subbootstrap") as.svrepdesign(des, type = type, replicates = 30)
          else as.svrepdesign(des, type = type)
  name <- c(JKn = "jkn", BRR = "brr", subbootstrap = "boot")[[type]]
  domains[paste0(name, "_", seq_len(ncol(weights(made, "analysis"))))] <- weights(made, "analysis")
}
export(domains, "domains/data.csv")
