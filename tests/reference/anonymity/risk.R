# The individual risk of each respondent of data.csv, E[1/F | f] with F | f negative binomial (Benedetti and
# Franconi 1998), in two ways that share no code: R's own density, summed, and GSL's hypergeometric function.
# Package sdcMicro, which computes the same risk, could not be installed; of groups of one and two respondents its
# closed forms stand beside. Run from this folder: Rscript risk.R
suppressPackageStartupMessages(library(jsonlite))
suppressPackageStartupMessages(library(gsl))
data <- read.csv("data.csv", stringsAsFactors = FALSE, na.strings = character(0))
cases <- list(all = c("region", "sex", "age", "schooling"), two = c("region", "sex"))
summed <- function(f, p) {
  more <- 0:200000 # how many of the population are not in the sample
  sum(dnbinom(more, size = f, prob = p) / (f + more))
}
closed <- function(f, p) {
  odds <- p / (1 - p)
  switch(f, odds * log(1 / p), odds - odds^2 * log(1 / p))
}
output <- lapply(cases, function(quasi) {
  key <- do.call(paste, c(data[quasi], sep = "\r"))
  f <- as.integer(ave(data$weight, key, FUN = length))
  p <- f / ave(data$weight, key, FUN = sum)
  one <- !duplicated(key)
  list(
    quasi = quasi, size = f, share = p,
    summed = mapply(summed, f[one], p[one])[match(key, key[one])],
    hypergeometric = p^f / f * hyperg_2F1(f, f, f + 1, 1 - p),
    closed = ifelse(f <= 2, mapply(closed, pmin(f, 2), p), NA)
  )
})
writeLines(toJSON(output, digits = 17, na = "null", pretty = TRUE), "risk.json")
writeLines(c(R.version.string, paste("gsl", packageVersion("gsl")), paste("jsonlite", packageVersion("jsonlite"))),
  "risk_versions.txt")
