# Which breast tumours are malignant? A model pipeline on the data set that
# scikit-learn carries: clean the measurements, train three families of models
# side by side, choose the best by cross-validation, and draw a report.
#
#   go run ./cmd/flowrider plan      which flows would run, and why
#   go run ./cmd/flowrider apply     run just those
#
# The code lies in examples/tumours; its README is a tour.

variable "test_share" {
  description = "Share of the tumours that no model sees before it is judged."
  type        = number
  default     = 0.25
}

variable "seed" {
  description = "Seed of everything that is random, so that a run can be repeated."
  type        = number
  default     = 7
}

locals {
  # One flow for each entry. To try another setting, change its number here:
  # that model is trained again, then the selection and the report follow.
  models = {
    logistic = { C = 1 }
    knn      = { n_neighbors = 9, weights = "distance" }
    forest   = { n_estimators = 120, max_depth = 6 }
  }
}

project "tumours" {
  root    = "examples/tumours"
  package = "tumours"
}

environment "pip" "ml" {
  python   = ">=3.10"
  packages = { metaflow = ">=2.19", scikit-learn = "" }
}

# A value that Python knows: the names of the columns to learn from.
hook "python" "columns" {
  environment = environment.ml
  function    = "tumours.measurements:columns"
  args        = [["mean", "worst"]]
  pure        = true
}

flow "metaflow" "clean" {
  description = "Loads the measurements, keeps the chosen columns, and sets tumours aside for the test."
  environment = environment.ml
  file        = "tumours/flows/clean.py"

  parameters = {
    columns    = hook.columns
    test_share = var.test_share
    seed       = var.seed
  }

  # A change of the report's text trains no model again.
  bundle { exclude = ["tumours/report.py"] }
}

flow "metaflow" "train" {
  description = "Cross-validates one family of models, and fits it to all training data."
  for_each    = local.models
  environment = environment.ml
  file        = "tumours/flows/train.py"

  parameters = {
    clean_run = flow.clean.run_id
    family    = each.key
    settings  = each.value
    seed      = var.seed
  }

  bundle { exclude = ["tumours/report.py"] }
}

flow "metaflow" "select" {
  description = "Chooses the model with the best cross-validated score."
  environment = environment.ml
  file        = "tumours/flows/selection.py"

  parameters = {
    runs = { for family, model in flow.train : family => model.run_id }
  }

  bundle { exclude = ["tumours/report.py"] }
}

flow "command" "report" {
  description = "Draws what the models reached, as one web page that needs nothing beside it."
  environment = environment.ml
  argv        = ["python", "-m", "tumours.report", "--out", "report.html"]

  env = {
    TRAIN_RUNS = jsonencode({ for family, model in flow.train : family => model.run_id })
    SELECT_RUN = flow.select.run_id
  }

  output "html" { file = "report.html" }
}

output "selection" {
  description = "The run that holds the chosen model."
  value       = flow.select.run_id
}

output "report" {
  description = "The page with the results."
  value       = flow.report.output.html.path
}
