namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class GenerationTests
{
    [Theory]
    [InlineData("Shape", "f[n,3,s]", "", "i[3]")]
    [InlineData("Shape", "f[n,3,s]", "start=1", "i[2]")]
    [InlineData("Shape", "f[n,3,s]", "start=-2 end=-1", "i[1]")]
    [InlineData("Shape", "f[n,3,s]", "start=2 end=1", "i[0]")]
    [InlineData("Shape", "f[]", "", "i[0]")]
    [InlineData("Shape", "f[...]", "", "i[?]")]
    [InlineData("Size", "f[n,3]", "", "i[]")]
    [InlineData("ConstantOfShape", "i{2,3}", "", "f[2,3]")]
    [InlineData("ConstantOfShape", "i{}", "", "f[]")]
    [InlineData("ConstantOfShape", "i<n,0>", "", "f[n,0]")]
    [InlineData("ConstantOfShape", "i[2]", "", "f[?,?]")]
    [InlineData("Range", "i=2 i=9 i=3", "", "i[3]")]
    [InlineData("Range", "i=9 i=2 i=-3", "", "i[3]")]
    [InlineData("Range", "i=9 i=2 i=3", "", "i[0]")]
    [InlineData("Range", "f=0 f=1 f=0.25", "", "f[4]")]
    [InlineData("Range", "i[] i=2 i=3", "", "i[?]")]
    [InlineData("EyeLike", "f[n,3]", "", "f[n,3]")]
    [InlineData("EyeLike", "f[n,3]", "dtype=7", "i[n,3]")]
    [InlineData("RandomNormal", "", "shape=[2,3]", "f[2,3]")]
    [InlineData("RandomUniform", "", "shape=[2,3] dtype=11", "d[2,3]")]
    [InlineData("RandomNormalLike", "f[n,3]", "", "f[n,3]")]
    [InlineData("RandomUniformLike", "f[n,3]", "dtype=11", "d[n,3]")]
    [InlineData("Bernoulli", "f[n,3]", "", "f[n,3]")]
    [InlineData("Multinomial", "f[n,3]", "sample_size=4", "i32[n,4]")]
    [InlineData("Constant", "", "value_ints=[1,2,3]", "i[3]")]
    [InlineData("Constant", "", "value_int=1", "i[]")]
    [InlineData("Constant", "", "value_float=1.5", "f[]")]
    [InlineData("Constant", "", "value_strings=['a','b']", "s[2]")]
    public void Types(string op, string inputs, string attributes, string expected) => OperatorCase.Check(op, 15, inputs, attributes, expected);

    [Fact]
    public void Dimensions_that_were_a_range_once_are_read_by_their_scalars()
    {
        (Node node, InferenceResult result) = OperatorCase.Infer("Range", 15, "i=0 i<s> i=1");
        Assert.Equal("i[s]", OperatorCase.Text(node));
        Assert.Empty(result.Issues);
    }

    [Fact]
    public void A_constant_without_value_has_no_type()
    {
        (Node node, InferenceResult result) = OperatorCase.Infer("Constant", 15, "");
        Assert.Null(node.Output.Type);
        Assert.Single(result.Unknown);
    }

    [Fact]
    public void The_elements_of_a_shape_are_its_dimensions()
    {
        (Node node, _) = OperatorCase.Infer("Shape", 15, "f[n,3,?]", "start=1");
        IReadOnlyList<IntegerExpression> elements = node.Output.KnownElements()!;
        Assert.Equal(3, elements[0].ValueOrNull);
        Assert.True(elements[1].IsSame(node.Inputs[0]!.Shape![2].Size));
    }
}
