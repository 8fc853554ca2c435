using System.Globalization;
using System.Runtime.InteropServices;

namespace ModelCompiler.Runtime.Native;

/// <summary>Memory of devices, and runs whose outputs stay there.</summary>
internal sealed unsafe partial class OrtApi
{
    /// <summary>The version of the API that tells where a session has its inputs and outputs.</summary>
    public const int SessionMemoryVersion = 23;

    // OrtMemType.OrtMemTypeCPU: for the host, whatever device it belongs to.
    private const int HostMemory = -1;

    /// <summary>Describes memory of the host that belongs to a device.</summary>
    public nint CreateMemoryInfo(string name, int device)
    {
        using var text = NativeText.FromUtf8(name);
        nint info;
        Check(((delegate* unmanaged<byte*, int, int, int, nint*, nint>)this[OrtFunction.CreateMemoryInfo])(text.Pointer, DeviceAllocator, device, HostMemory, &info));
        return info;
    }

    public nint CreateAllocator(nint session, nint memoryInfo)
    {
        nint allocator;
        Check(((delegate* unmanaged<nint, nint, nint*, nint>)this[OrtFunction.CreateAllocator])(session, memoryInfo, &allocator));
        return allocator;
    }

    public byte* Allocate(nint allocator, nuint bytes)
    {
        byte* memory;
        Check(((delegate* unmanaged<nint, nuint, byte**, nint>)this[OrtFunction.AllocatorAlloc])(allocator, bytes, &memory));
        return memory;
    }

    /// <summary>The bytes that an allocator has of the system; 0 where it does not count them. Version 23; allocates nothing.</summary>
    public long GetAllocatedBytes(nint allocator)
    {
        nint pairs;
        Check(((delegate* unmanaged<nint, nint*, nint>)this[OrtFunction.AllocatorGetStats])(allocator, &pairs));
        fixed (byte* name = "TotalAllocated\0"u8)
        {
            byte* text = ((delegate* unmanaged<nint, byte*, byte*>)this[OrtFunction.GetKeyValue])(pairs, name);
            bool isNumber = long.TryParse(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text), CultureInfo.InvariantCulture, out long bytes);
            Release(OrtFunction.ReleaseKeyValuePairs, pairs);
            return isNumber ? bytes : 0;
        }
    }

    public void Free(nint allocator, byte* memory) => Check(((delegate* unmanaged<nint, byte*, nint>)this[OrtFunction.AllocatorFree])(allocator, memory));

    /// <summary>Descriptions of the memory in which a session reads its inputs, in their order; the session keeps them.</summary>
    public nint[] GetInputMemory(nint session, int count) => GetMemory(OrtFunction.SessionGetMemoryInfoForInputs, session, count);

    /// <summary>Descriptions of the memory in which a session writes its outputs, in their order; the session keeps them.</summary>
    public nint[] GetOutputMemory(nint session, int count) => GetMemory(OrtFunction.SessionGetMemoryInfoForOutputs, session, count);

    /// <summary>Whether memory is the host's: of the CPU, or shared with it.</summary>
    public bool IsHostMemory(nint memoryInfo)
    {
        int type;
        ((delegate* unmanaged<nint, int*, void>)this[OrtFunction.MemoryInfoGetDeviceType])(memoryInfo, &type);
        return type == 0;
    }

    /// <summary>Whether two descriptions are of the same memory: of one kind and device.</summary>
    public bool IsSameMemory(nint first, nint second)
    {
        int difference;
        Check(((delegate* unmanaged<nint, nint, int*, nint>)this[OrtFunction.CompareMemoryInfo])(first, second, &difference));
        return difference == 0;
    }

    public nint CreateBinding(nint session) => Get(OrtFunction.CreateIoBinding, session);

    /// <summary>Forgets what is bound, and keeps what it holds no longer alive.</summary>
    public void ClearBinding(nint binding)
    {
        ((delegate* unmanaged<nint, void>)this[OrtFunction.ClearBoundInputs])(binding);
        ((delegate* unmanaged<nint, void>)this[OrtFunction.ClearBoundOutputs])(binding);
    }

    /// <summary>Binds an input, which is copied to the device here, unless it is there.</summary>
    public void BindInput(nint binding, byte* name, nint value) => Check(((delegate* unmanaged<nint, byte*, nint, nint>)this[OrtFunction.BindInput])(binding, name, value));

    /// <summary>Binds an output to a value that the run writes into.</summary>
    public void BindOutput(nint binding, byte* name, nint value) => Check(((delegate* unmanaged<nint, byte*, nint, nint>)this[OrtFunction.BindOutput])(binding, name, value));

    /// <summary>Binds an output to memory of which the run takes what it needs.</summary>
    public void BindOutputToMemory(nint binding, byte* name, nint memoryInfo) =>
        Check(((delegate* unmanaged<nint, byte*, nint, nint>)this[OrtFunction.BindOutputToDevice])(binding, name, memoryInfo));

    /// <summary>The outputs of a bound run, in the order in which they were bound; the caller releases them.</summary>
    public void TakeBoundOutputs(nint binding, Span<nint> outputs)
    {
        nint* values;
        nuint count;
        Check(((delegate* unmanaged<nint, nint, nint**, nuint*, nint>)this[OrtFunction.GetBoundOutputValues])(binding, DefaultAllocator, &values, &count));
        new ReadOnlySpan<nint>(values, outputs.Length).CopyTo(outputs);
        Check(((delegate* unmanaged<nint, void*, nint>)this[OrtFunction.AllocatorFree])(DefaultAllocator, values));
    }

    private nint[] GetMemory(OrtFunction function, nint session, int count)
    {
        var infos = new nint[count];
        fixed (nint* first = infos)
        {
            Check(((delegate* unmanaged<nint, nint*, nuint, nint>)this[function])(session, first, (nuint)count));
        }

        return infos;
    }
}
