namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class TextTests
{
    [Theory]
    [InlineData("RegexFullMatch", 20, "s[n,3]", "pattern='a.c'", "b[n,3]")]
    [InlineData("StringConcat", 20, "s[n,1] s[3]", "", "s[n,3]")]
    [InlineData("StringNormalizer", 10, "s[n]", "case_change_action='LOWER' locale='C'", "s[n]")]
    [InlineData("StringNormalizer", 10, "s[n]", "stopwords=['a','the']", "s[?]")]
    [InlineData("StringSplit", 20, "s[n,3]", "", "s[n,3,?] i[n,3]")]
    [InlineData("TfIdfVectorizer", 9, "i[n,s]", "mode='TF' min_gram_length=1 max_gram_length=1 max_skip_count=0 ngram_counts=[0] ngram_indexes=[0,1,2] pool_int64s=[2,3,4]", "f[n,3]")]
    [InlineData("TfIdfVectorizer", 9, "i[s]", "mode='TF' min_gram_length=1 max_gram_length=1 max_skip_count=0 ngram_counts=[0] ngram_indexes=[0,3] pool_int64s=[2,3]", "f[4]")]
    public void Types(string op, long opset, string inputs, string attributes, string expected) => OperatorCase.Check(op, opset, inputs, attributes, expected);
}
