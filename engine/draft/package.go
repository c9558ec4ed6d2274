package draft

import (
	"slices"
	"strings"

	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/internal/pysource"
)

// foreign are the modules that a flow's file imports from neither Python nor the
// project, sorted.
func (f *folder) foreign(flow *flow) []string {
	module, err := f.tree.File(flow.File)
	if err != nil {
		return nil
	}
	tree := f.tree.From(flow.File)
	var list []string
	for _, i := range module.Imported {
		first, _, _ := strings.Cut(i.Module, ".")
		_, ours := tree.Module(first)
		if i.Level == 0 && first != "" && first != "metaflow" && first != "flowrider" && !ours && !pysource.Standard(first) && !f.isFolder(first) {
			list = append(list, first)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// isFolder says whether there is something of the project below a folder.
func (f *folder) isFolder(name string) bool {
	return slices.ContainsFunc(f.files, func(file bundle.Name) bool {
		return strings.HasPrefix(file.Path, name+"/") || strings.HasPrefix(file.Path, "src/"+name+"/")
	})
}

// packageOf are well-known packages by the module that is imported. Others are
// not guessed: anybody may have taken their name on the package index.
var packageOf = map[string]string{
	"PIL": "pillow", "altair": "altair", "boto3": "boto3", "bs4": "beautifulsoup4", "catboost": "catboost", "cv2": "opencv-python",
	"dask": "dask", "datasets": "datasets", "dateutil": "python-dateutil", "duckdb": "duckdb", "fastparquet": "fastparquet", "gensim": "gensim",
	"httpx": "httpx", "jax": "jax", "joblib": "joblib", "keras": "keras", "lightgbm": "lightgbm", "matplotlib": "matplotlib", "mlflow": "mlflow",
	"networkx": "networkx", "nltk": "nltk", "numba": "numba", "numpy": "numpy", "openpyxl": "openpyxl", "optuna": "optuna", "pandas": "pandas",
	"plotly": "plotly", "polars": "polars", "pyarrow": "pyarrow", "pydantic": "pydantic", "pyspark": "pyspark", "requests": "requests",
	"scipy": "scipy", "seaborn": "seaborn", "sentence_transformers": "sentence-transformers", "shap": "shap", "skimage": "scikit-image",
	"sklearn": "scikit-learn", "spacy": "spacy", "sqlalchemy": "sqlalchemy", "statsmodels": "statsmodels", "sympy": "sympy",
	"tensorflow": "tensorflow", "torch": "torch", "torchvision": "torchvision", "tqdm": "tqdm", "transformers": "transformers", "umap": "umap-learn",
	"wandb": "wandb", "xgboost": "xgboost", "yaml": "pyyaml",
}
