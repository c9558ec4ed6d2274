environment "pip" "ml" {
  python          = ">=3.10"
  packages        = { scikit-learn = ">=1.5", six = "" }
  requirements    = ["requirements.txt"]
  install_project = true
}

environment "pip" "old" {
  for_each = { six16 = "==1.16.0", six17 = "==1.17.0" }
  packages = { six = each.value }
}

flow "command" "train" {
  environment = environment.ml
  argv        = ["python", "-c", "import sklearn"]
}

flow "command" "check" {
  for_each    = toset(["six16", "six17"])
  environment = environment.old[each.key]
  argv        = ["python", "-c", "import six"]
}
