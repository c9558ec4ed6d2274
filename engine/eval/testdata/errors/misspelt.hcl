varable "n" { # ERROR: Unknown block
  default = 1
}

variable "n_gram" {
  defualt = 3 # ERROR: Unknown argument
}

flow "metaflw" "clean" { # ERROR: Unknown kind
  file = "clean.py"
}

flow "metaflow" "train" {
  fiel       = "train.py" # ERROR: Unknown argument
  parameters = { n = var.n_grams } # ERROR: Unknown reference
}

flow "command" "report" {
  argv       = ["sh", "-c", uper("x")] # ERROR: Unknown function
  env        = { RUN = flow.trian.run_id, ID = flow.train.runid } # ERROR: Unknown reference; Unknown attribute
  colour     = "green" # ERROR: Unknown argument
  depends_on = [flow.train.run_id] # ERROR: Unsuitable value

  output "html" {
    fil = "report.html" # ERROR: Unknown argument
  }
}

output "page" {
  value = flow.report.output.htm.path # ERROR: Unknown output
}
