namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class ConvolutionTests
{
    [Theory]
    [InlineData("f[1,3,8,8] f[4,3,3,3]", "", "f[1,4,6,6]")]
    [InlineData("f[n,3,h,w] f[4,3,3,3]", "pads=[1,1,1,1]", "f[n,4,h,w]")]
    [InlineData("f[n,3,h,w] f[4,3,3,3]", "pads=[1,1,1,1] strides=[2,2]", "f[n,4,floor((h + 1)/2),floor((w + 1)/2)]")]
    [InlineData("f[n,3,h,w] f[4,3,3,3]", "pads=[0,1,2,3] strides=[2,3]", "f[n,4,floor((h + 1)/2),floor((w + 1)/3) + 1]")]
    [InlineData("f[1,3,9,9] f[4,3,3,3]", "dilations=[2,2]", "f[1,4,5,5]")]
    [InlineData("f[1,3,9,9] f[4,3,3,3]", "auto_pad='SAME_UPPER' strides=[2,2]", "f[1,4,5,5]")]
    [InlineData("f[1,3,9,9] f[4,3,3,3]", "auto_pad='SAME_LOWER'", "f[1,4,9,9]")]
    [InlineData("f[n,3,h,9] f[4,3,3,3]", "auto_pad='VALID' strides=[2,2]", "f[n,4,floor((h + 1)/2) - 1,4]")]
    [InlineData("f[n,c,9] f[c,1,3]", "group=6", "f[n,c,7]")]
    [InlineData("f[n,2,5,5,5] f[3,2,1,2,3]", "kernel_shape=[1,2,3]", "f[n,3,5,4,3]")]
    [InlineData("f[1,3,2,2] f[4,3,2,2]", "", "f[1,4,1,1]")]
    [InlineData("f[...] f[4,3,3,3]", "", "f[?,4,?,?]")]
    [InlineData("f[1,3,8,8] ?", "", "f[1,?,?,?]")]
    [InlineData("f[1,3,8,8] ?", "kernel_shape=[3,3]", "f[1,?,6,6]")]
    public void Conv(string inputs, string attributes, string expected) => OperatorCase.Check("Conv", 11, inputs, attributes, expected);

    [Fact]
    public void Weights_of_another_rank() => OperatorCase.CheckContradiction("Conv", 11, "f[1,3,8,8] f[4,3,3]", "", "f[1,4,?,?]");

    [Fact]
    public void Strides_add_up_to_one_division()
    {
        var graph = new Graph("g");
        Value value = graph.AddInput("x", new TensorType(ElementType.Float, new Shape(1, 1, Dim.Named("w"))));
        for (int i = 0; i < 5; i++)
        {
            Node conv = graph.AddNode("Conv", [value, graph.AddInitializer("k", Tensor.Create<float>([1, 1, 1], 1, 1, 3))]);
            conv.Attributes.Set("strides", 2L);
            conv.Attributes.Set(new NodeAttribute("strides", [2L]));
            conv.Attributes.Set(new NodeAttribute("pads", [1L, 1L]));
            value = conv.Output;
        }
        var model = new Model(graph);
        model.Opsets[""] = 13;

        Assert.Empty(model.InferTypes().Issues);
        Assert.Equal("f[1,1,floor((w + 31)/32)]", OperatorCase.Text(value.Type));
    }

    [Theory]
    [InlineData("f[1,3,4,4] f[3,2,3,3]", "", "f[1,2,6,6]")]
    [InlineData("f[n,4,h,4] f[4,2,3,3]", "strides=[2,2] pads=[1,1,1,1] output_padding=[1,1] group=2", "f[n,4,2*h,8]")]
    [InlineData("f[1,3,4,4] f[3,2,3,3]", "strides=[2,2] auto_pad='SAME_UPPER'", "f[1,2,8,8]")]
    [InlineData("f[1,3,4,4] f[3,2,1,2]", "strides=[3,2] auto_pad='SAME_UPPER'", "f[1,2,?,8]")]
    [InlineData("f[1,3,4,4] f[3,2,3,3]", "strides=[2,2] output_shape=[9,9]", "f[1,2,9,9]")]
    [InlineData("f[1,3,4,4] f[3,2,3,3]", "dilations=[2,2]", "f[1,2,8,8]")]
    [InlineData("f[1,3,4,4] f[3,2,5,5]", "strides=[2,2] auto_pad='VALID'", "f[1,2,11,11]")]
    [InlineData("f[...] f[3,2,3,3]", "", "f[?,2,?,?]")]
    public void ConvTranspose(string inputs, string attributes, string expected) => OperatorCase.Check("ConvTranspose", 11, inputs, attributes, expected);

    [Theory]
    [InlineData("ConvInteger", 10, "u8[n,3,h,8] u8[4,3,3,3]", "", "i32[n,4,h - 2,6]")]
    [InlineData("QLinearConv", 10, "u8[n,3,8,8] f=1 u8=0 u8[4,3,3,3] f=1 u8=0 f=1 u8=0", "", "u8[n,4,6,6]")]
    [InlineData("com.microsoft.FusedConv", 1, "f[n,3,8,8] f[4,3,3,3]", "activation='Relu'", "f[n,4,6,6]")]
    [InlineData("com.microsoft.NhwcFusedConv", 1, "h[n,8,8,3] h[4,3,3,3]", "", "h[n,6,6,4]")]
    public void Others(string op, long opset, string inputs, string attributes, string expected)
    {
        // The CPU provider has the NHWC operators for half precision on Arm only.
        if (op.Contains("Nhwc", StringComparison.Ordinal)) OperatorCase.CheckInferred(op, opset, inputs, attributes, expected);
        else OperatorCase.Check(op, opset, inputs, attributes, expected);
    }

    [Fact]
    public void Deformable() => OperatorCase.CheckInferred("DeformConv", 19, "f[n,3,8,8] f[4,3,3,3] f[n,18,6,6]", "", "f[n,4,6,6]");
}
