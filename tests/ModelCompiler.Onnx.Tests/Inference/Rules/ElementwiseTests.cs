namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class ElementwiseTests
{
    [Theory]
    [InlineData("f[2,3] f[2,3]", "f[2,3]")]
    [InlineData("f[2,3] f[3]", "f[2,3]")]
    [InlineData("f[] f[2,1]", "f[2,1]")]
    [InlineData("f[3,1,s] f[2,1]", "f[3,2,s]")]
    [InlineData("f[n,s] f[n,s]", "f[n,s]")]
    [InlineData("f[n,1] f[1,s]", "f[n,s]")]
    [InlineData("f[1] f[0]", "f[0]")]
    [InlineData("f[n,c] f[t,6]", "f[?,6]")]
    [InlineData("f[...] f[3]", "f[...]")]
    [InlineData("f[n,?] f[n,1]", "f[n,?]")]
    public void Broadcasting(string inputs, string expected) => OperatorCase.Check("Add", 14, inputs, "", expected);

    [Fact]
    public void Sizes_that_do_not_broadcast() => OperatorCase.CheckContradiction("Add", 14, "f[2,3] f[2,4]", "", "f[2,?]");

    [Theory]
    [InlineData("Relu", "f[n,3]", "", "f[n,3]")]
    [InlineData("Softmax", "f[n,3]", "axis=-1", "f[n,3]")]
    [InlineData("Clip", "f[n,3] f=0 f=6", "", "f[n,3]")]
    [InlineData("PRelu", "f[n,3,4] f[3,1]", "", "f[n,3,4]")]
    [InlineData("Pow", "f[n,3] i[3]", "", "f[n,3]")]
    [InlineData("Mod", "i[n] i=3", "", "i[n]")]
    [InlineData("Max", "f[n,1] f[1,3] f[3]", "", "f[n,3]")]
    [InlineData("Mean", "f[n,1] f[1,3]", "", "f[n,3]")]
    [InlineData("Equal", "i[n,3] i[1]", "", "b[n,3]")]
    [InlineData("Less", "f[n,3] f[]", "", "b[n,3]")]
    [InlineData("GreaterOrEqual", "f[n,3] f[3]", "", "b[n,3]")]
    [InlineData("And", "b[n,1] b[3]", "", "b[n,3]")]
    [InlineData("Not", "b[n,1]", "", "b[n,1]")]
    [InlineData("IsNaN", "f[n,1]", "", "b[n,1]")]
    [InlineData("Where", "b[n,1] f[3] f[]", "", "f[n,3]")]
    [InlineData("Cast", "f[n,3]", "to=7", "i[n,3]")]
    [InlineData("CastLike", "f[n,3] i32[1]", "", "i32[n,3]")]
    [InlineData("CumSum", "f[n,3] i=1", "", "f[n,3]")]
    [InlineData("Trilu", "f[n,3]", "", "f[n,3]")]
    [InlineData("LRN", "f[n,c,h,w]", "size=3", "f[n,c,h,w]")]
    [InlineData("Dropout", "f[n,3]", "", "f[n,3] b[n,3]")]
    [InlineData("BitShift", "u8[3] u8[1]", "direction='LEFT'", "u8[3]")]
    [InlineData("Identity", "s[3]", "", "s[3]")]
    public void Types(string op, string inputs, string attributes, string expected) => OperatorCase.Check(op, 15, inputs, attributes, expected);

    [Fact]
    public void The_mask_of_dropout_was_once_of_the_type_of_the_data() => OperatorCase.CheckInferred("Dropout", 7, "f[2]", "", "f[2] f[2]");

    [Fact]
    public void A_table_of_positions_sliced_to_the_length_broadcasts_with_it()
    {
        var graph = new Graph("g");
        Value ids = graph.AddInput("ids", new TensorType(ElementType.Float, new Shape(Dim.Named("b"), Dim.Named("s"), 8)));
        Value table = graph.AddInput("table", new TensorType(ElementType.Float, Shape.Of(512, 8)));
        Value length = graph.AddNode("Gather", [graph.AddNode("Shape", [ids]).Output, graph.AddInitializer("one", Tensor.Vector(1L))]).Output;
        Value rows = graph.AddNode("Slice", [table, graph.AddInitializer("zero", Tensor.Vector(0L)), length, graph.AddInitializer("axis", Tensor.Vector(0L))]).Output;
        Value sum = graph.AddNode("Add", [ids, rows]).Output;
        var model = new Model(graph);
        model.Opsets[""] = 13;

        Assert.Empty(model.InferTypes().Issues);
        Assert.Equal("f[min(s, 512),8]", OperatorCase.Text(rows.Type));
        Assert.Equal("f[b,s,8]", OperatorCase.Text(sum.Type));
    }
}
