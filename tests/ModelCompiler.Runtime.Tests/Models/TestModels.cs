namespace ModelCompiler.Runtime.Tests.Models;

/// <summary>Small models that several tests share.</summary>
internal static class TestModels
{
    /// <summary>y = x of one type and shape.</summary>
    public static byte[] Identity(TensorElementType type, params object[] shape) => new OnnxModel { Opset = 21 }
        .Input("x", type, shape)
        .Output("y", type, shape)
        .Node("Identity", ["x"], ["y"])
        .Build();

    /// <summary>sum = a + b, float32[2, 2].</summary>
    public static byte[] Add() => new OnnxModel()
        .Input("a", TensorElementType.Float32, 2, 2)
        .Input("b", TensorElementType.Float32, 2, 2)
        .Output("sum", TensorElementType.Float32, 2, 2)
        .Node("Add", ["a", "b"], ["sum"])
        .Build();

    /// <summary>Adds 1 to x as often as trips says: a run that lasts as long as one likes, node after node.</summary>
    public static byte[] Loop()
    {
        var body = new OnnxModel()
            .Input("i", TensorElementType.Int64)
            .Input("go", TensorElementType.Bool)
            .Input("state", TensorElementType.Float32, 1)
            .Output("on", TensorElementType.Bool)
            .Output("next", TensorElementType.Float32, 1)
            .Initializer("one", TensorElementType.Float32, [1], BitConverter.GetBytes(1f))
            .Node("Identity", ["go"], ["on"])
            .Node("Add", ["state", "one"], ["next"]);
        return new OnnxModel()
            .Input("trips", TensorElementType.Int64)
            .Input("x", TensorElementType.Float32, 1)
            .Output("y", TensorElementType.Float32, 1)
            .Node("Loop", ["trips", "", "x"], ["y"], attributes: OnnxModel.Attribute("body", body))
            .Build();
    }

    /// <summary>One row per sample: y[batch, 3] = x[batch, 4] · w, where w is fixed.</summary>
    public static byte[] MatMul(object batch)
    {
        float[] weights = [.. Enumerable.Range(0, 12).Select(i => (i % 5) - 1.5f)];
        return new OnnxModel()
            .Input("x", TensorElementType.Float32, batch, 4)
            .Output("y", TensorElementType.Float32, batch, 3)
            .Initializer("w", TensorElementType.Float32, [4, 3], Bytes(weights))
            .Node("MatMul", ["x", "w"], ["y"])
            .Build();
    }

    public static byte[] Bytes<T>(params T[] values)
        where T : unmanaged => System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
