using System.Runtime.InteropServices;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Tests.Support;

/// <summary>Floats of one number as a file would hold them: read in pieces, and never all in memory.</summary>
internal sealed class StoredWeights(long count, float number) : TensorData
{
    public override long Length => count * sizeof(float);

    public override bool IsInFile => true;

    public override ReadOnlyMemory<byte> Memory => throw new InvalidOperationException("The weights were loaded as a whole.");

    public override void Read(long offset, Span<byte> destination) => MemoryMarshal.Cast<byte, float>(destination).Fill(number);
}
