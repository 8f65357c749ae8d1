# Random effects over published shares, as metafor computes them. Writes synthesis.json and versions.txt here.

suppressPackageStartupMessages({
  library(metafor)
  library(jsonlite)
})
shares <- list(
  spread = list(y = c(.81, .79, .67, .71), se = c(.010, .012, .015, .011)),
  near = list(y = c(.52, .50, .55, .53, .51), se = c(.02, .015, .03, .02, .018)),
  extreme = list(y = c(.95, .90, .97), se = c(.01, .02, .008))
)
pooled <- function(y, se, method, test) {
  fit <- rma(yi = y, sei = se, method = method, test = test, control = list(threshold = 1e-12, maxiter = 1000, tol = 1e-12))
  future <- predict(fit)
  list(method = method, test = test, estimate = as.vector(fit$b), se = fit$se, ci_low = fit$ci.lb, ci_high = fit$ci.ub,
       tau2 = fit$tau2, I2 = fit$I2, Q = fit$QE, Q_p = fit$QEp, pi_low = future$pi.lb, pi_high = future$pi.ub)
}
logit_scale <- function(case) list(y = qlogis(case$y), se = case$se / (case$y * (1 - case$y)))
records <- list()
for (name in names(shares)) for (scale in c("identity", "logit")) {
  case <- if (scale == "logit") logit_scale(shares[[name]]) else shares[[name]]
  for (method in c("DL", "REML", "PM")) for (test in c("z", "knha")) {
    records[[length(records) + 1]] <- c(list(case = name, scale = scale), pooled(case$y, case$se, method, test))
  }
}
write_json(list(shares = shares, records = records), "synthesis.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
writeLines(c(paste("R", getRversion()), paste("metafor", packageVersion("metafor")),
             paste("jsonlite", packageVersion("jsonlite"))), "versions.txt")
