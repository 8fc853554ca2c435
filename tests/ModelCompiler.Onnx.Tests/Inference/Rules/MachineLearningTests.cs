namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class MachineLearningTests
{
    [Theory]
    [InlineData("Binarizer", "f[n,3]", "", "f[n,3]")]
    [InlineData("Scaler", "f[n,3]", "offset=[0.0] scale=[1.0]", "f[n,3]")]
    [InlineData("Normalizer", "f[n,3]", "norm='L2'", "f[n,3]")]
    [InlineData("Imputer", "f[n,3]", "imputed_value_floats=[1.0] replaced_value_float=0.0", "f[n,3]")]
    [InlineData("ArrayFeatureExtractor", "f[n,5] i{0,2}", "", "f[n,2]")]
    [InlineData("FeatureVectorizer", "f[n,2] f[n,3]", "inputdimensions=[2,3]", "f[n,5]")]
    [InlineData("LabelEncoder", "i[n]", "keys_int64s=[1,2] values_strings=['a','b']", "s[n]")]
    [InlineData("LabelEncoder", "s[n,2]", "keys_strings=['a','b'] values_floats=[1.0,2.0]", "f[n,2]")]
    [InlineData("LinearClassifier", "f[n,2]", "coefficients=[1.0,1.0,1.0,1.0,1.0,1.0] intercepts=[0.0,0.0,0.0] classlabels_ints=[0,1,2]", "i[n] f[n,3]")]
    [InlineData("LinearClassifier", "f[n,2]", "coefficients=[1.0,1.0,1.0,1.0,1.0,1.0] intercepts=[0.0,0.0,0.0] classlabels_strings=['a','b','c']", "s[n] f[n,3]")]
    [InlineData("LinearRegressor", "f[n,2]", "coefficients=[1.0,1.0] intercepts=[0.0] targets=1", "f[n,1]")]
    [InlineData("OneHotEncoder", "i[n,2]", "cats_int64s=[0,1,2]", "f[n,2,3]")]
    public void Types(string op, string inputs, string attributes, string expected) => OperatorCase.Check("ai.onnx.ml." + op, 2, inputs, attributes, expected);

    [Theory]
    [InlineData("CategoryMapper", "s[n]", "cats_strings=['a'] cats_int64s=[1]", "i[n]")]
    [InlineData("TreeEnsembleRegressor", "f[n,3]", "n_targets=2", "f[n,2]")]
    [InlineData("TreeEnsembleClassifier", "f[n,3]", "classlabels_int64s=[0,1]", "i[n] f[n,2]")]
    [InlineData("SVMRegressor", "f[n,3]", "", "f[n,1]")]
    [InlineData("SVMClassifier", "f[n,3]", "classlabels_strings=['a','b']", "s[n] f[n,2]")]
    [InlineData("ZipMap", "f[n,2]", "classlabels_strings=['a','b']", "seq(map(s,f[]))")]
    public void Types_without_their_many_attributes(string op, string inputs, string attributes, string expected) =>
        OperatorCase.CheckInferred("ai.onnx.ml." + op, 2, inputs, attributes, expected);
}
