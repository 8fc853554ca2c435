namespace ModelCompiler.Onnx.Tests.Schemas;

public class OperatorSchemasTests
{
    [Theory]
    [InlineData("Clip", 10, 6, 1, 1)]
    [InlineData("Clip", 11, 11, 1, 3)]
    [InlineData("Clip", 22, 13, 1, 3)]
    [InlineData("Concat", 17, 13, 1, int.MaxValue)]
    [InlineData("Conv", 7, 1, 2, 3)]
    public void The_signature_is_the_latest_that_the_version_has(string name, long version, long since, int min, int max)
    {
        OperatorSchema schema = OperatorSchemas.Find("", name, version)!;
        Assert.Equal((since, min, max), (schema.SinceVersion, schema.Inputs.Min, schema.Inputs.Max));
    }

    [Fact]
    public void An_operator_is_unknown_before_it_exists_and_in_versions_after_the_table()
    {
        Assert.Null(OperatorSchemas.Find("", "LayerNormalization", 16));
        Assert.NotNull(OperatorSchemas.Find("", "LayerNormalization", 17));
        Assert.Null(OperatorSchemas.Find("", "Relu", OperatorSchemas.NewestOpset + 1));
        Assert.Null(OperatorSchemas.Find("nowhere", "Relu", 1));
    }

    [Fact]
    public void Attributes_have_kinds_and_may_be_required()
    {
        OperatorSchema cast = OperatorSchemas.Find("", "Cast", 19)!;
        Assert.Equal(new AttributeSchema(AttributeKind.Int, true), cast.Attributes!["to"]);
        Assert.Equal(new AttributeSchema(AttributeKind.Int, false), cast.Attributes["saturate"]);
        Assert.Equal(1, cast.RequiredAttributes);
        Assert.Null(OperatorSchemas.Find("com.microsoft", "Attention", 1)!.Attributes);
    }
}
