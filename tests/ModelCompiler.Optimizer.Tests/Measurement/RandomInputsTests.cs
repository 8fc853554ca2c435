using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Measurement;

public class RandomInputsTests
{
    [Fact]
    public void Fills_open_dimensions_from_the_batch_and_from_what_is_given()
    {
        TensorInfo[] inputs = [Info("x", TensorElementType.Float32, [-1, 3, -1], ["N", null, "width"]), Info("h", TensorElementType.Float32, [2, -1, -1], [null, "N", null])];
        var made = RandomInputs.Create(inputs, 4, new Dictionary<string, long> { ["width"] = 5, ["h:2"] = 6 });
        Assert.Equal([4, 3, 5], made[0].Value.Shape.ToArray());
        Assert.Equal([2, 4, 6], made[1].Value.Shape.ToArray());
    }

    [Fact]
    public void Stays_in_the_range_that_its_documentation_names_and_repeats_itself()
    {
        foreach (TensorElementType type in new[] { TensorElementType.Float32, TensorElementType.Float64, TensorElementType.Float16, TensorElementType.BFloat16, TensorElementType.Int32, TensorElementType.Int64, TensorElementType.Bool, TensorElementType.UInt16 })
        {
            TensorInfo[] inputs = [Info("x", type, [1000], [null])];
            TensorBuffer tensor = RandomInputs.Create(inputs, 1, new Dictionary<string, long>())[0].Value;
            double[] values = new double[1000];
            TensorValues.CopyTo(tensor, 0, values);
            Assert.All(values, value => Assert.InRange(value, -1, 1));
            Assert.True(values.Distinct().Count() > 1, $"{type} is constant");
            Assert.Equal(tensor.Bytes.ToArray(), RandomInputs.Create(inputs, 1, new Dictionary<string, long>())[0].Value.Bytes.ToArray());
        }
    }

    [Fact]
    public void Says_which_dimension_is_open_and_which_name_is_unknown()
    {
        TensorInfo[] inputs = [Info("x", TensorElementType.Float32, [-1, -1, -1], ["N", "width", null])];
        var open = Assert.Throws<CompilerException>(() => RandomInputs.Create(inputs, 1, new Dictionary<string, long>()));
        Assert.Equal("OM2220", open.Code);
        Assert.Contains("--dim width=", open.Message, StringComparison.Ordinal);
        var unnamed = Assert.Throws<CompilerException>(() => RandomInputs.Create(inputs, 1, new Dictionary<string, long> { ["width"] = 3 }));
        Assert.Contains("--dim x:2=", unnamed.Message, StringComparison.Ordinal);
        var unknown = Assert.Throws<CompilerException>(() => RandomInputs.Create(inputs, 1, new Dictionary<string, long> { ["widht"] = 3 }));
        Assert.Equal("OM2221", unknown.Code);
        Assert.Contains("width", unknown.Message, StringComparison.Ordinal);
        TensorInfo[] text = [Info("x", TensorElementType.String, [1], [null])];
        Assert.Equal("OM2222", Assert.Throws<CompilerException>(() => RandomInputs.Create(text, 1, new Dictionary<string, long>())).Code);
    }

    private static TensorInfo Info(string name, TensorElementType type, long[] shape, string?[] symbols) => new() { Name = name, ElementType = type, Shape = shape, Symbols = symbols };
}
