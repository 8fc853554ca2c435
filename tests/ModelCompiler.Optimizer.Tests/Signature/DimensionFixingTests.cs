using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Signature;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Signature;

public sealed class DimensionFixingTests
{
    private static Model Build()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", Dim.Named("batch"), 3, Dim.Named("width"));
        Value u = b.Input("u", Dim.Named("batch"), Dim.Unknown);
        b.Output("y", b.Op("Transpose", x), new TensorType(ElementType.Float, new Shape(Dim.Named("width"), 3, Dim.Named("batch"))));
        return b.Output("z", b.Op("Neg", u)).Model;
    }

    private static string TypeOf(Model model, string name) => model.Graph.FindValue(name)!.Type!.ToString()!;

    [Fact]
    public void Fixes_a_symbol_everywhere()
    {
        Model model = Build();
        DimensionFixing.Apply(model, DimensionFixing.Parse("batch=2; width=320"));
        Assert.Equal("Float[2,3,320]", TypeOf(model, "x"));
        Assert.Equal("Float[320,3,2]", TypeOf(model, "y"));
        Assert.StartsWith("Float[2,", TypeOf(model, "u"), StringComparison.Ordinal);
    }

    [Fact]
    public void Fixes_a_dimension_without_a_name_by_its_place()
    {
        Model model = Build();
        DimensionFixing.Apply(model, DimensionFixing.Parse("u:1=7"));
        Assert.Equal("Float[batch,7]", TypeOf(model, "u"));
        Assert.Equal("Float[batch,7]", TypeOf(model, "z"));
    }

    [Fact]
    public void A_place_stands_for_its_symbol()
    {
        Model model = Build();
        DimensionFixing.Apply(model, DimensionFixing.Parse("x:0=4"));
        Assert.Equal("Float[4,3,width]", TypeOf(model, "x"));
        Assert.StartsWith("Float[4,", TypeOf(model, "u"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("height=3")]
    [InlineData("x:1=3")]
    [InlineData("y:0=3")]
    public void Names_the_open_dimensions_when_one_is_not(string text)
    {
        var e = Assert.Throws<CompilerException>(() => DimensionFixing.Apply(Build(), DimensionFixing.Parse(text)));
        Assert.Equal("OM2221", e.Code);
        Assert.Contains("batch, x:0, width, x:2, u:0, u:1", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("batch")]
    [InlineData("=3")]
    [InlineData("batch=0")]
    [InlineData("batch=-1")]
    [InlineData("batch=1.5")]
    [InlineData("batch=1;batch=2")]
    public void Refuses_text_of_another_form(string text)
    {
        Assert.Equal("OM2302", Assert.Throws<CompilerException>(() => DimensionFixing.Parse(text)).Code);
    }

    [Fact]
    public void Reads_sizes()
    {
        Assert.Equal([new("batch", 1), new("a=b", 2)], DimensionFixing.Parse(" batch = 1 ;a=b=2;"));
    }
}
